import type { AttackKernel } from '../attack-kernel.ts';
import { normalDraws, signDraws, sphereDraws } from '../draws.ts';

export const signNoiseKernel: AttackKernel<'sign-noise'> = {
  offsets: (_params, { seed, purpose, indices, image }) => signDraws(seed, purpose('noise'), indices, image),
};

export const sphereNoiseKernel: AttackKernel<'sphere-noise'> = {
  offsets: (_params, { seed, purpose, indices, image }) => sphereDraws(seed, purpose('noise'), indices, image),
};

export const gaussianNoiseKernel: AttackKernel<'gaussian-noise'> = {
  offsets: (_params, { seed, purpose, indices, image }) => normalDraws(seed, purpose('noise'), indices, image),
};
