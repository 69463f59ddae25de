/** Elementwise operations whose tfjs form is wrong or slow on one backend. Results belong to the caller (tidy). */
import * as tf from '@tensorflow/tfjs-core';

/** What tfjs-node's backend offers beyond tfjs' kernels: any TensorFlow operation by name. */
interface TensorFlowBackend {
  readonly binding: { readonly TF_ATTR_TYPE: number; readonly TF_FLOAT: number };
  executeSingleOutput(operation: string, attributes: readonly object[], inputs: readonly tf.Tensor[]): tf.Tensor;
}

/** sign(x) with sign(0) = 0. The wasm kernel returns 0 for |x| ≤ 1.2e-7, which would silently weaken attacks. */
export const sign = <T extends tf.Tensor>(x: T): T =>
  tf.getBackend() === 'wasm' ? (tf.sub(tf.step(x), tf.step(tf.neg(x))) as T) : tf.sign(x);

/** dy where y > 0, else 0. @param y output of a ReLU */
export function reluGradient(dy: tf.Tensor, y: tf.Tensor): tf.Tensor {
  if (tf.getBackend() !== 'tensorflow') return tf.mul(dy, tf.step(y));
  const backend = tf.backend() as unknown as TensorFlowBackend;
  const { TF_ATTR_TYPE, TF_FLOAT } = backend.binding;
  return backend.executeSingleOutput('ReluGrad', [{ name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT }], [dy, y]);
}

/** x repeated along its axes of size 1. The wasm kernel for it takes tens of times as long as an addition that broadcasts. */
export const broadcast = <R extends tf.Rank>(x: tf.Tensor<R>, shape: tf.ShapeMap[R]): tf.Tensor<R> =>
  tf.getBackend() === 'wasm' ? tf.add(tf.zeros(shape), x) : tf.broadcastTo(x, shape);
