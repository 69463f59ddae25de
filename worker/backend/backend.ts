/** The ladder native GPU → native CPU → wasm behind one door. Every other file uses the one active backend through tfjs-core. */
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import * as tf from '@tensorflow/tfjs-core';
import type { BackendName } from '@ncsweep/protocol/params';
import { isBuilt, nativePackages, type NativeBackend } from './available-backends.ts';

export interface Backend {
  readonly name: BackendName;
  /** Of what computed the numbers: tfjs, and TensorFlow where it did. */
  readonly versions: Readonly<Record<string, string>>;
  readonly threads: number;
  /** CPU or GPU model. */
  readonly device: string;
}

/** Thrown when a backend cannot be used here; the message holds the remedy. */
export class BackendUnavailableError extends Error {
  override readonly name = 'BackendUnavailableError';
}

const require = createRequire(import.meta.url);

/**
 * Makes one backend the active one of this process; call once.
 * @param threads of the kernels; recorded with every result
 * @throws BackendUnavailableError
 */
export async function openBackend(name: BackendName, { threads }: { threads: number }): Promise<Backend> {
  const tensorflow = name === 'wasm' ? await openWasm() : await openNative(name, threads);
  return {
    name,
    versions: { tfjs: tf.version_core, ...tensorflow },
    threads: name === 'wasm' ? 1 : threads,
    device: cpus()[0]?.model.trim() ?? 'unknown',
  };
}

async function openWasm(): Promise<Record<string, string>> {
  await import('@tensorflow/tfjs-backend-wasm');
  if (!(await tf.setBackend('wasm')))
    throw new BackendUnavailableError('the wasm backend did not start: this Node lacks WebAssembly SIMD');
  await tf.ready();
  return {};
}

async function openNative(name: NativeBackend, threads: number): Promise<Record<string, string>> {
  if (!isBuilt(name)) {
    throw new BackendUnavailableError(
      `backend ${name} is not built here. Remedy: run "make native${name === 'native-gpu' ? '-gpu' : ''}", or use --backend wasm (slower, always there)`,
    );
  }
  process.env['TF_NUM_INTRAOP_THREADS'] = String(threads);
  process.env['TF_NUM_INTEROP_THREADS'] = '1';
  // TensorFlow's own choice depends on the CPU; these kernels are the faster ones on all.
  process.env['TF_ENABLE_ONEDNN_OPTS'] = '1';
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  // tfjs-node 4.22 calls util.isNullOrUndefined, which Node 23 removed.
  const util = require('node:util') as { isNullOrUndefined?: (value: unknown) => boolean };
  util.isNullOrUndefined ??= (value) => value === null || value === undefined;
  require(nativePackages[name]);
  await tf.ready();
  if (tf.getBackend() !== 'tensorflow')
    throw new BackendUnavailableError(`backend ${name} loaded, but tfjs runs on ${tf.getBackend()}`);
  const { binding } = tf.backend() as unknown as { binding: { TF_Version: string; isUsingGpuDevice(): boolean } };
  if (name === 'native-gpu' && !binding.isUsingGpuDevice()) {
    throw new BackendUnavailableError(
      'backend native-gpu: TensorFlow found no GPU and would compute on the CPU. Remedy: see what nvidia-smi and CUDA_VISIBLE_DEVICES say, ' +
        'and with TF_CPP_MIN_LOG_LEVEL=0 which library TensorFlow misses; or use --backend native-cpu',
    );
  }
  return { tensorflow: binding.TF_Version };
}
