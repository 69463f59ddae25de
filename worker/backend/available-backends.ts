/** Which backends can be opened on this machine; cheap: nothing is loaded. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { BackendName } from '@ncsweep/catalog/backends';

const require = createRequire(import.meta.url);

export const nativePackages = { 'native-cpu': '@tensorflow/tfjs-node', 'native-gpu': '@tensorflow/tfjs-node-gpu' } as const;
export type NativeBackend = keyof typeof nativePackages;

/** Whether the package's compiled binding is there: the packages themselves arrive without one (docs/native.md). */
export function isBuilt(name: NativeBackend): boolean {
  try {
    const root = dirname(require.resolve(`${nativePackages[name]}/package.json`));
    return existsSync(join(root, 'lib', 'napi-v8', 'tfjs_binding.node'));
  } catch {
    return false;
  }
}

/** Backends that can be opened here, best first. */
export function availableBackends(): readonly BackendName[] {
  return [...(['native-gpu', 'native-cpu'] as const).filter(isBuilt), 'wasm'];
}
