import type { BudgetKernel } from '../attack-kernel.ts';
import { startDraws } from '../draws.ts';
import { pgd } from '../pgd.ts';

export const pgdKernel: BudgetKernel<'pgd'> = {
  perturb: (
    { norm, steps, restarts, start },
    { epsilon, stepSize = epsilon },
    { images, indices, objective, isTargeted, goals, seed, purpose, image },
  ) => {
    const options = { norm, epsilon, stepSize, steps, restarts, targeted: isTargeted };
    const draw = (restart: number) => startDraws(seed, purpose(`start/${restart}`), indices, image, start.kind);
    const labels = goals();
    const perturbed = pgd(objective, images, labels, start.kind === 'clean' ? options : { ...options, start: draw });
    labels.dispose();
    return perturbed;
  },
};
