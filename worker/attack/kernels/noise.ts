import type { SharedKernel } from '../attack-kernel.ts';
import { normalDraws, signDraws, sphereDraws } from '../draws.ts';

export const signNoiseKernel: SharedKernel<'sign-noise'> = {
  offsets: (_params, { seed, purpose, indices, image }) => signDraws(seed, purpose('noise'), indices, image),
};

export const sphereNoiseKernel: SharedKernel<'sphere-noise'> = {
  offsets: (_params, { seed, purpose, indices, image }) => sphereDraws(seed, purpose('noise'), indices, image),
};

export const gaussianNoiseKernel: SharedKernel<'gaussian-noise'> = {
  offsets: (_params, { seed, purpose, indices, image }) => normalDraws(seed, purpose('noise'), indices, image),
};
