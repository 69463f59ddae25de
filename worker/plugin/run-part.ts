/** Runs the function of a plug-in's part. */
import * as tf from '@tensorflow/tfjs-core';
import { blamedError, PluginError } from './plugin-error.ts';

function noDraws(): never {
  throw new PluginError(
    'drew from Math.random, so its numbers would depend on the batch and on what ran before. Remedy: draw with the uniform and normal of an attack’s batch',
  );
}

/** TensorFlow.js draws its seeds from Math.random, so this forbids its draws too. */
function withoutDraws<T>(run: () => T): T {
  const { random } = Math;
  Math.random = noDraws;
  try {
    return run();
  } finally {
    Math.random = random;
  }
}

/** @param part names it in errors @throws PluginError for whatever the function throws */
export function runPart(part: string, run: () => unknown): unknown {
  try {
    const found = withoutDraws(run);
    if (found instanceof Promise) found.catch(() => undefined); // it is refused whatever it would have become
    return found;
  } catch (error) {
    throw error instanceof PluginError ? new PluginError(`${part} ${error.message}`, { cause: error }) : blamedError(part, error);
  }
}

/** TensorFlow.js recognises tensors by what they have. */
const asTensor = (found: unknown): tf.Tensor | undefined => (found instanceof tf.Tensor ? (found as tf.Tensor) : undefined);

const kindOf = (found: unknown): string => {
  const tensor = asTensor(found);
  if (tensor !== undefined) return `${tensor.dtype} [${tensor.shape.join(', ')}]`;
  if (found instanceof Promise) return 'a promise';
  return found === null ? 'null' : typeof found;
};

/** @param expected completes "expected …" @throws PluginError */
export function asFloatTensor(part: string, found: unknown, shape: readonly number[], expected: string): tf.Tensor {
  const tensor = asTensor(found);
  if (tensor?.dtype === 'float32' && tensor.shape.join() === shape.join()) return tensor;
  throw new PluginError(`${part} returned ${kindOf(found)}; expected ${expected}`);
}
