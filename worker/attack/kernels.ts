/** The kernels of the attacks and noises. An entry of the catalog without a kernel does not compile. */
import type { AttackKind } from '@ncsweep/catalog/attacks';
import type { AnyKernel, AttackKernel } from './attack-kernel.ts';
import { apgdKernel, apgdTargetedKernel } from './kernels/apgd.ts';
import { autoattackKernel } from './kernels/autoattack.ts';
import { fabTargetedKernel } from './kernels/fab.ts';
import { fgsmKernel } from './kernels/fgsm.ts';
import { gaussianNoiseKernel, signNoiseKernel, sphereNoiseKernel } from './kernels/noise.ts';
import { pgdKernel } from './kernels/pgd.ts';
import { squareKernel } from './kernels/square.ts';

const kernels: { readonly [K in AttackKind]: AttackKernel<K> } = {
  fgsm: fgsmKernel,
  pgd: pgdKernel,
  apgd: apgdKernel,
  'apgd-t': apgdTargetedKernel,
  'fab-t': fabTargetedKernel,
  square: squareKernel,
  autoattack: autoattackKernel,
  'sign-noise': signNoiseKernel,
  'sphere-noise': sphereNoiseKernel,
  'gaussian-noise': gaussianNoiseKernel,
};

export const attackKernel = (kind: AttackKind): AnyKernel => kernels[kind] as AnyKernel;
