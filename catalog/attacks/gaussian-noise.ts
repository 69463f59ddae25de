import { defineNoise } from './attack.ts';

export const gaussianNoise = defineNoise({
  name: 'gaussian-noise',
  summary:
    "x + eps*N(0,I), a control of the paper's code: eps is the standard deviation per pixel. The L2 norm is about eps*sqrt(values of an image) and the Linf norm several times eps, so it matches the size of neither attack",
  /** The one of the two norms in which budgets are bounded by 1. */
  norm: 'linf',
});
