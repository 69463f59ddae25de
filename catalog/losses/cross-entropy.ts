import { defineLoss } from './loss.ts';

export const crossEntropy = defineLoss({
  name: 'ce',
  summary: 'Cross-entropy: standard training, or with `attack` adversarial training on perturbed images (Madry et al. 2018)',
  fields: {},
  constants: { beta: 0 },
  adversarial: 'optional',
  updatePasses: 1,
});
