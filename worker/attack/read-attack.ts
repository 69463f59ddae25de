/** The attack of a task, as this program knows it. */
import { attackOf, attacks, type AttackKind } from '@ncsweep/catalog/attacks';
import { norm, type Norm } from '@ncsweep/catalog/attacks/norm';
import { attackTargets, type AttackTarget } from '@ncsweep/catalog/attacks/target';
import type { Evaluation } from '@ncsweep/protocol/compute/task-document';
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
  const own = found.success ? attackOf(found.data).resolved.safeParse(attack) : found;
  if (found.success && own.success) return { ...found.data, ...own.data };
  const problems = z.prettifyError((found.error ?? own.error)!);
  throw new RefusedTaskError(`this program does not know the attack ${JSON.stringify(attack)}: ${problems}`);
}
