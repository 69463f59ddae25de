import type { AttackKernel } from '../attack-kernel.ts';
import { squareAttack } from '../square.ts';

export const squareKernel: AttackKernel<'square'> = {
  perturb: ({ norm, queries }, { epsilon }, batch) => squareAttack(batch, { norm, epsilon, queries }),
};
