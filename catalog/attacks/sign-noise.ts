import { defineNoise } from './attack.ts';

export const signNoise = defineNoise({
  name: 'sign-noise',
  summary: 'x + eps*sign(N(0,I)); Linf norm eps: noise of the size of a Linf attack',
  norm: 'linf',
});
