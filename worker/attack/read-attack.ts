/** The attack of a task, as this program knows it. */
import { attackOf, attacks, logitLossOf, type AttackKind } from '@ncsweep/catalog/attacks';
import type { Attack } from '@ncsweep/catalog/attacks/attack';
import { norm, type Norm } from '@ncsweep/catalog/attacks/norm';
import { attackTargets, type AttackTarget } from '@ncsweep/catalog/attacks/target';
import { resolvedPluggedAttack } from '@ncsweep/catalog/plugins/plugged-attack';
import type { Evaluation } from '@ncsweep/protocol/compute/task-document';
import { z } from 'zod';
import { PluginFunctions } from '../plugin/plugin-functions.ts';
import { perturbedBy } from '../plugin/plugged-attack.ts';
import { RefusedTaskError } from '../task-io.ts';
import type { AnyKernel } from './attack-kernel.ts';
import { attackKernel } from './kernels.ts';
import { logitLosses, type LogitLoss } from './logit-losses.ts';

/** Any attack, with what all of them have. */
export interface KnownAttack {
  readonly norm: Norm;
  readonly target: AttackTarget;
  readonly climbs: ReturnType<Attack['climbs']>;
  /** The loss that it climbs. */
  readonly loss: LogitLoss;
  readonly kernel: AnyKernel;
  /** As its kernel gets them. */
  readonly params: Readonly<Record<string, unknown>>;
}

const known = z.looseObject({
  kind: z.enum(Object.keys(attacks) as [AttackKind, ...AttackKind[]]),
  norm,
  target: z.enum(attackTargets).default('none'),
});
const plugged = z.looseObject({ kind: z.literal('plugin'), norm, ...resolvedPluggedAttack.shape });

function unknownAttack(attack: Evaluation['attack'], error: z.ZodError): RefusedTaskError {
  return new RefusedTaskError(`this program does not know the attack ${JSON.stringify(attack)}: ${z.prettifyError(error)}`);
}

function readPlugged(attack: Evaluation['attack'], functions: PluginFunctions): KnownAttack {
  const found = plugged.safeParse(attack);
  if (!found.success) throw unknownAttack(attack, found.error);
  const { part, identity, norm: ofBudget, climbs, params } = found.data;
  const run = functions.get({ kind: 'attack', part, identity });
  const own = { part, norm: ofBudget, params, run };
  const kernel: AnyKernel = { perturb: (_, budget, batch) => perturbedBy(own, budget, batch) };
  return { norm: ofBudget, target: 'none', climbs, loss: logitLosses.ce, kernel, params };
}

/** @param functions of the task's plug-ins @returns undefined for clean images @throws RefusedTaskError */
export function readAttack(attack: Evaluation['attack'], functions = new PluginFunctions()): KnownAttack | undefined {
  if (attack.kind === 'none') return undefined;
  if (attack.kind === 'plugin') return readPlugged(attack, functions);
  const found = known.safeParse(attack);
  if (!found.success) throw unknownAttack(attack, found.error);
  const part = attackOf(found.data);
  const own = part.resolved.safeParse(attack);
  if (!own.success) throw unknownAttack(attack, own.error);
  const params = { ...found.data, ...own.data };
  const { norm: ofBudget, target, kind } = params;
  return {
    norm: ofBudget,
    target,
    climbs: part.climbs(params),
    loss: logitLosses[logitLossOf(params)],
    kernel: attackKernel(kind),
    params,
  };
}
