/** One entry point to the backends native GPU → native CPU → wasm. Every other file uses the one active backend through tfjs-core. */
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import * as tf from '@tensorflow/tfjs-core';
import { backendOf, type BackendName } from '@ncsweep/catalog/backends';
import { isAvailable, loadBinding } from './available-backends.ts';

export interface Backend {
  readonly name: BackendName;
  /** Versions of what computed the numbers: tfjs, and TensorFlow where it was used. */
  readonly versions: Readonly<Record<string, string>>;
  readonly threads: number;
  /** CPU or GPU model. */
  readonly device: string;
}

/** Thrown when a backend cannot be used here; the message contains the remedy. */
export class BackendUnavailableError extends Error {
  override readonly name = 'BackendUnavailableError';
}

const require = createRequire(import.meta.url);

/** What opening a backend reports: the versions of its software, and the number of threads. */
type Opened = Pick<Backend, 'versions' | 'threads'>;
type Open = (threads: number) => Promise<Opened>;

const openers: Readonly<Record<BackendName, Open>> = {
  'native-gpu': (threads) => openTensorFlow('native-gpu', threads),
  'native-cpu': (threads) => openTensorFlow('native-cpu', threads),
  wasm: openWasm,
};

/**
 * Makes one backend the active one of this process; call once.
 * @param threads of the kernels; recorded with every result
 * @throws BackendUnavailableError
 */
export async function openBackend(name: BackendName, { threads }: { threads: number }): Promise<Backend> {
  if (!isAvailable(name)) {
    const remedy = `run "${backendOf(name).setUp}", or use --backend wasm (slower, always available)`;
    throw new BackendUnavailableError(`backend ${name} is not built here. Remedy: ${remedy}`);
  }
  const opened = await openers[name](threads);
  const versions = { tfjs: tf.version_core, ...opened.versions };
  return { name, versions, threads: opened.threads, device: cpus()[0]?.model.trim() ?? 'unknown' };
}

/** Always one thread, whatever is requested. */
async function openWasm(): Promise<Opened> {
  await import('@tensorflow/tfjs-backend-wasm');
  if (!(await tf.setBackend('wasm')))
    throw new BackendUnavailableError('the wasm backend did not start: this Node lacks WebAssembly SIMD');
  await tf.ready();
  return { versions: {}, threads: 1 };
}

async function openTensorFlow(name: BackendName, threads: number): Promise<Opened> {
  process.env['TF_NUM_INTRAOP_THREADS'] = String(threads);
  process.env['TF_NUM_INTEROP_THREADS'] = '1';
  // TensorFlow's default depends on the CPU, but these kernels are the faster ones on every CPU.
  process.env['TF_ENABLE_ONEDNN_OPTS'] = '1';
  // Several workers may share a GPU, and TensorFlow would take all of its memory for the first.
  process.env['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true';
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  // tfjs-node 4.22 calls util.isNullOrUndefined, which Node 23 removed.
  const util = require('node:util') as { isNullOrUndefined?: (value: unknown) => boolean };
  util.isNullOrUndefined ??= (value) => value === null || value === undefined;
  loadBinding(name);
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
  return { versions: { tensorflow: binding.TF_Version }, threads };
}
