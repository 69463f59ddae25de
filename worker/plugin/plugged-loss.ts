/** A training loss of a plug-in: its function, and the gradient of what it returns by the logits of its passes. */
import * as tf from '@tensorflow/tfjs-core';
import type { Node } from '@ncsweep/catalog/network/node';
import type { ParameterValues } from '@ncsweep/catalog/plugins/names';
import { trainPass, type PassState, type TrainPass } from '../model/train-pass.ts';
import type { LossBatch as Batch, LossPass } from '../train/losses/loss-kernel.ts';
import type { LossBatch } from './loss-batch.ts';
import { PluginError } from './plugin-error.ts';
import type { PluginFunction } from './plugin-functions.ts';
import { asFloatTensor, runPart } from './run-part.ts';

export interface PluggedLoss {
  /** `<plug-in>/<part>` */
  readonly part: string;
  readonly params: ParameterValues;
  readonly run: PluginFunction;
}

function lossOf({ part, params, run }: PluggedLoss, batch: LossBatch): tf.Scalar {
  const expected = 'the mean loss of the batch, a float32 tensor without dimensions';
  return asFloatTensor(
    part,
    runPart(part, () => run(batch, params)),
    [],
    expected,
  ) as tf.Scalar;
}

/**
 * The function runs twice: first with passes through the network, then on a tape that begins at their logits. So a pass keeps what its
 * backward pass needs, which a tape would throw away, and the weights' gradients are those of every training.
 */
export function pluggedPass(
  loss: PluggedLoss,
  nodes: readonly Node[],
  { images, labels, perturbed }: Batch,
  state: PassState,
): LossPass {
  const passes: TrainPass[] = [];
  const given = {
    tf,
    images: tf.clone(images),
    labels: tf.argMax<tf.Tensor1D>(labels, 1),
    adversarial: perturbed && tf.clone(perturbed),
  };
  const pass = (seen: tf.Tensor4D): tf.Tensor2D => {
    const made = trainPass(nodes, tf.clone(seen), state);
    passes.push(made);
    return tf.clone(made.logits);
  };
  lossOf(loss, { ...given, logits: pass });
  const outputs = passes.map(({ logits }) => logits);
  const { value, gradients } = differentiated(loss, given, outputs);
  gradients.forEach((gradient, i) => gradient && passes[i]!.backward(gradient as tf.Tensor2D));
  return { loss: value, logits: outputs[0]! };
}

interface Differentiated {
  readonly value: tf.Scalar;
  /** By the outputs of each pass; undefined for one that the loss does not use. */
  readonly gradients: readonly (tf.Tensor | undefined)[];
}

/** @param outputs of the passes, in their order */
function differentiated(loss: PluggedLoss, given: Omit<LossBatch, 'logits'>, outputs: readonly tf.Tensor2D[]): Differentiated {
  const independent = (): PluginError =>
    new PluginError(`${loss.part} returned a loss that does not depend on the network. Remedy: compute it from batch.logits`);
  if (outputs.length === 0) throw independent();
  let next = 0;
  const again = (): tf.Tensor2D => {
    const output = outputs[next++];
    if (output !== undefined) return tf.clone(output);
    throw new PluginError(`asked for more passes when it ran again on the same batch; expected a loss that repeats itself`);
  };
  const { value, grads } = tf.engine().gradients(() => lossOf(loss, { ...given, logits: again }), [...outputs], undefined, true);
  const gradients = grads as (tf.Tensor | undefined)[];
  if (next < outputs.length)
    throw new PluginError(`${loss.part} asked for fewer passes when it ran again; expected a loss that repeats itself`);
  if (gradients.every((gradient) => gradient == null)) throw independent();
  return { value, gradients };
}
