import { defineNoise } from './attack.ts';

export const sphereNoise = defineNoise({
  name: 'sphere-noise',
  summary: 'x + eps*n/|n| with n from N(0,I); L2 norm eps: noise of the size of an L2 attack',
  norm: 'l2',
});
