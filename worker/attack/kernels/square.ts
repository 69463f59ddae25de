import type { BudgetKernel } from '../attack-kernel.ts';
import { squareAttack } from '../square.ts';

export const squareKernel: BudgetKernel<'square'> = {
  perturb: ({ norm, queries }, { epsilon }, batch) => squareAttack(batch, { norm, epsilon, queries }),
};
