import { defineNoise } from './attack.ts';

export const gaussianNoise = defineNoise({
  name: 'gaussian-noise',
  summary:
    "x + eps*N(0,I), a control of the paper's code: eps is the standard deviation a pixel. The L2 norm is about eps*sqrt(values of an image), the Linf norm several times eps: the size of neither attack",
  /** The one of the two norms in which budgets are bounded by 1. */
  norm: 'linf',
});
