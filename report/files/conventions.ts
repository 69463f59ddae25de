/** The conventions behind the numbers, named in every report. */
import type { Sweep } from '@ncsweep/catalog/sweep';

export const conventions = (sweep: Sweep): readonly string[] => [
  'The replicate is an independently trained model (seed), never images, classes or layers.',
  `Intervals are ${100 * sweep.report.confidence} % paired t intervals over seeds; ratios are averaged on a log scale. Intervals of shares, such as accuracies, are t intervals of arcsin √share taken back, so that they lie within [0, 1]; differences d of two shares likewise, through (1 + d)/2, within [−1, 1]. No spread counts as smaller than the error of a single number: one example for a share, the tolerance between backends for others.`,
  'Fewer than three seeds decide nothing. A seed whose number is missing or not finite counts against a claim.',
  'nc1 = Tr(Sigma_W Sigma_B⁺), not divided by the number of classes; nc1_per_class is.',
  'NC2 norms use the sample standard deviation (ddof = 1).',
  'Perturbed data are compared with the clean class means of the same network and split; `own` metrics use the evaluated data’s own means.',
  'Class means are grouped by the labels given, unless a column says otherwise.',
  'Verdicts read the training split, the last layer unless layers are compared, and flattened features; the test split stands beside.',
  'Attacks are `fresh`: made against the very weights that are evaluated, in evaluation mode, in pixel space, clamped to [0, 1]. None is `in-training`, made against weights of earlier steps; provenance.json says so of each cell (attackTiming).',
  'The perturbation budget epsilon is in [0, 1] pixel units; 8/255 is eight grey levels.',
];
