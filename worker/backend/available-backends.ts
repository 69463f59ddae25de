/** Which backends can be opened on this machine. Cheap, because nothing is loaded. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { BackendName } from '@ncsweep/catalog/backends';
import { hasNvidiaDriver, torchPython } from './torch-python.ts';

const require = createRequire(import.meta.url);

/** The packages with a compiled binding, which they are installed without (docs/native.md). */
const bindings = { 'native-gpu': '@tensorflow/tfjs-node-gpu', 'native-cpu': '@tensorflow/tfjs-node' } as const;

const checks: Readonly<Record<BackendName, () => boolean>> = {
  'torch-cuda': () => torchPython() !== undefined && hasNvidiaDriver(),
  'native-gpu': () => isBuilt(bindings['native-gpu']),
  'native-cpu': () => isBuilt(bindings['native-cpu']),
  'torch-cpu': () => torchPython() !== undefined,
  wasm: () => true,
};

function isBuilt(packageName: string): boolean {
  try {
    const root = dirname(require.resolve(`${packageName}/package.json`));
    return existsSync(join(root, 'lib', 'napi-v8', 'tfjs_binding.node'));
  } catch {
    return false;
  }
}

export const isAvailable = (name: BackendName): boolean => checks[name]();

/** Loads the binding of a backend. */
export function loadBinding(name: keyof typeof bindings): void {
  require(bindings[name]);
}

/** Backends that can be opened here. */
export const availableBackends = (): readonly BackendName[] => (Object.keys(checks) as BackendName[]).filter(isAvailable);
