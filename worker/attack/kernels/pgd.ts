import type { AttackKernel } from '../attack-kernel.ts';
import { stepPixels } from '@ncsweep/catalog/compute/pixels';
import { startDraws } from '../draws.ts';
import { pgd } from '../pgd.ts';

export const pgdKernel: AttackKernel<'pgd'> = {
  perturb: (params, epsilon, { images, indices, objective, isTargeted, goals, seed, purpose, image }) => {
    const options = {
      norm: params.norm,
      epsilon,
      stepSize: stepPixels(params.stepSize, epsilon),
      steps: params.steps,
      restarts: params.restarts,
      targeted: isTargeted,
    };
    const start = (restart: number) => startDraws(seed, purpose(`start/${restart}`), indices, image, params);
    const labels = goals();
    const perturbed = pgd(objective, images, labels, params.randomStart ? { ...options, start } : options);
    labels.dispose();
    return perturbed;
  },
};
