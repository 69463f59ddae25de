/** Cross-entropy: on clean images, or on PGD examples made in eval mode (Madry et al. 2018). */
import * as tf from '@tensorflow/tfjs-core';
import { crossEntropy, crossEntropyGradient } from '../../attack/logit-losses.ts';
import { networkObjective } from '../../attack/objective.ts';
import { isTensorFlow, softmaxCrossEntropy } from '../../backend/tensorflow-kernels.ts';
import { trainPass } from '../../model/train-pass.ts';
import type { LossKernel } from './loss-kernel.ts';

export const crossEntropyKernel: LossKernel<'ce'> = {
  adversary: ({ network, attack, draw }) => {
    const start = attack.randomStart ? draw.start() : undefined;
    return { objective: networkObjective(network), start, dispose: () => start?.dispose() };
  },

  pass: (nodes, { images, perturbed, labels }, _params, state) => {
    const pass = trainPass(nodes, perturbed ?? images, state);
    pass.backward(tf.div(crossEntropyGradient(pass.logits, labels), labels.shape[0]));
    // Read for progress only. The attacks' cross-entropy takes nine operations and rounds differently.
    const losses = isTensorFlow() ? softmaxCrossEntropy(pass.logits, labels) : crossEntropy(pass.logits, labels);
    return { loss: tf.mean(losses), logits: pass.logits };
  },
};
