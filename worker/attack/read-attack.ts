/** The attack of a task, as this program knows it. */
import { attacks, type AttackKind } from '@ncsweep/catalog/attacks';
import { norm, type Norm } from '@ncsweep/catalog/attacks/norm';
import { attackTargets, type AttackTarget } from '@ncsweep/catalog/attacks/target';
import { evaluatedPgd, type Evaluation } from '@ncsweep/protocol/compute/task-document';
import { z } from 'zod';
import { RefusedTaskError } from '../task-io.ts';

/** Any attack, with what all of them have; a kernel gets its own params. */
export interface KnownAttack {
  readonly kind: AttackKind;
  readonly norm: Norm;
  readonly target: AttackTarget;
}

const known = z.looseObject({
  kind: z.enum(Object.keys(attacks) as [AttackKind, ...AttackKind[]]),
  norm,
  target: z.enum(attackTargets).default('none'),
});

/** @returns undefined for clean images @throws RefusedTaskError */
export function readAttack(attack: Evaluation['attack']): KnownAttack | undefined {
  if (attack.kind === 'none') return undefined;
  const found = known.safeParse(attack);
  const wrong = found.success && attack.kind === 'pgd' ? evaluatedPgd.safeParse(attack) : found;
  if (found.success && wrong.success) return found.data;
  throw new RefusedTaskError(`this program does not know the attack ${JSON.stringify(attack)}`);
}
