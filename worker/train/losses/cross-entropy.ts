/** Cross-entropy: on clean images, or on PGD examples made in eval mode (Madry et al. 2018). */
import { crossEntropy, crossEntropyGradient } from '../../attack/logit-losses.ts';
import { isTensorFlow, softmaxCrossEntropy } from '../../backend/tensorflow-kernels.ts';
import { lossOfLogits } from './loss-of-logits.ts';

export const crossEntropyKernel = lossOfLogits<'ce'>({
  // Read for progress only. The attacks' cross-entropy takes nine operations and rounds differently.
  values: (logits, labels) => (isTensorFlow() ? softmaxCrossEntropy(logits, labels) : crossEntropy(logits, labels)),
  gradient: crossEntropyGradient,
});
