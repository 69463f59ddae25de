/** What the attack of a training climbs, and from where, as the task says it. */
import * as tf from '@tensorflow/tfjs-core';
import { crossEntropy } from '../../attack/logit-losses.ts';
import { networkObjective, type Objective } from '../../attack/objective.ts';
import type { AttackedBatch, Adversary } from './loss-kernel.ts';

/** In units of epsilon. */
function startOf({ attack: { start, epsilon }, draw }: AttackedBatch): tf.Tensor4D | undefined {
  if (start.kind === 'clean') return undefined;
  if (start.kind !== 'normal') return draw.start();
  const noise = draw.normal();
  const offsets = tf.mul<tf.Tensor4D>(noise, start.deviation / epsilon);
  noise.dispose();
  return offsets;
}

/** KL(f(x) ‖ f(x′)) from the clean images x (Zhang et al. 2019), up to the entropy of f(x). */
function divergenceFrom({ network, images }: AttackedBatch): { readonly objective: Objective; readonly p: tf.Tensor2D } {
  const p = tf.tidy(() => tf.softmax(network.trace(images).value as tf.Tensor2D));
  const objective: Objective = {
    gradient: (x) => {
      const { value, pull } = network.trace(x);
      return pull(tf.sub(tf.softmax(value as tf.Tensor2D), p)) as tf.Tensor4D;
    },
    loss: (x) => crossEntropy(network.trace(x).value as tf.Tensor2D, p),
  };
  return { objective, p };
}

export function adversaryOf(batch: AttackedBatch): Adversary {
  const start = startOf(batch);
  if (batch.attack.objective === 'ce')
    return { objective: networkObjective(batch.network), start, dispose: () => start?.dispose() };
  const { objective, p } = divergenceFrom(batch);
  return { objective, start, dispose: () => tf.dispose([start, p].filter((each) => each !== undefined)) };
}
