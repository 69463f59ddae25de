/** What a training loss of a plug-in sees (docs/plug-ins.md "Losses"). */
import type * as tf from '@tensorflow/tfjs-core';

export interface LossBatch {
  /** TensorFlow.js, as the program uses it. */
  readonly tf: typeof tf;
  /** [B,H,W,C] in [0,1] */
  readonly images: tf.Tensor4D;
  /** int32 [B] */
  readonly labels: tf.Tensor1D;
  /** Adversarial examples [B,H,W,C]; undefined where the training has no attack. */
  readonly adversarial: tf.Tensor4D | undefined;
  /** Images [B,H,W,C] → logits [B,K] by the network in the mode of the training. The loss is differentiated by them. */
  readonly logits: (images: tf.Tensor4D) => tf.Tensor2D;
}
