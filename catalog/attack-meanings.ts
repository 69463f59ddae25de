/** What each kind of attack does with a budget eps, before the result is clipped to [0,1]: the words of the sweep language and of reports. */
import type { AttackParams } from './params.ts';

export const attackMeanings: Readonly<Record<Exclude<AttackParams['kind'], 'none'>, string>> = {
  fgsm: 'x + eps*sign(gradient); Linf norm eps',
  pgd: 'gradient steps inside the ball of radius eps of its norm',
  'sign-noise': 'x + eps*sign(N(0,I)); Linf norm eps: noise of the size of a Linf attack',
  'sphere-noise': 'x + eps*n/|n| with n from N(0,I); L2 norm eps: noise of the size of an L2 attack',
  'gaussian-noise':
    "x + eps*N(0,I), a control of the paper's code: eps is the standard deviation a pixel. The L2 norm is about eps*sqrt(values of an image), " +
    'the Linf norm several times eps: the size of neither attack',
};
