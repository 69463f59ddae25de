/** Which backends can be opened on this machine. Cheap, because nothing is loaded. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { backendNames, type BackendName } from '@ncsweep/catalog/backends';

const require = createRequire(import.meta.url);

/** The package whose compiled binding a backend needs; null if it needs none. The packages are installed without bindings (docs/native.md). */
const bindings: Readonly<Record<BackendName, string | null>> = {
  'native-gpu': '@tensorflow/tfjs-node-gpu',
  'native-cpu': '@tensorflow/tfjs-node',
  wasm: null,
};

function isBuilt(packageName: string): boolean {
  try {
    const root = dirname(require.resolve(`${packageName}/package.json`));
    return existsSync(join(root, 'lib', 'napi-v8', 'tfjs_binding.node'));
  } catch {
    return false;
  }
}

export function isAvailable(name: BackendName): boolean {
  const binding = bindings[name];
  return binding === null || isBuilt(binding);
}

/** Loads the binding of a backend that has one. */
export function loadBinding(name: BackendName): void {
  const binding = bindings[name];
  if (binding !== null) require(binding);
}

/** Backends that can be opened here, best first. */
export const availableBackends = (): readonly BackendName[] => backendNames.filter(isAvailable);
