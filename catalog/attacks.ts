/** The attacks and noises, and what planning knows about one without running it. */
import { z } from 'zod';
import { apgd, apgdTargeted } from './attacks/apgd.ts';
import type { Attack } from './attacks/attack.ts';
import { autoattack } from './attacks/autoattack.ts';
import { fabTargeted } from './attacks/fab.ts';
import { fgsm } from './attacks/fgsm.ts';
import { gaussianNoise } from './attacks/gaussian-noise.ts';
import type { Norm } from './attacks/norm.ts';
import type { LogitLossName } from './attacks/objective.ts';
import { pgd } from './attacks/pgd.ts';
import { signNoise } from './attacks/sign-noise.ts';
import { sphereNoise } from './attacks/sphere-noise.ts';
import { square } from './attacks/square.ts';
import { trainingPgd } from './attacks/training-pgd.ts';
import type { Fields, Values } from './fields.ts';
import { pluggable } from './plugins/pluggable.ts';
import { pluggedAttack, pluggedAttackShape, type PluggedAttack } from './plugins/plugged-attack.ts';
import { byName, paramsShape, paramsUnion, type ParamsOf } from './part.ts';
import type { PartKind } from './part-kind.ts';

export const attacks = byName([
  fgsm,
  pgd,
  apgd,
  apgdTargeted,
  fabTargeted,
  square,
  autoattack,
  signNoise,
  sphereNoise,
  gaussianNoise,
]);

export const attackKind = {
  title: 'attack',
  key: 'kind',
  parts: { ...attacks, plugin: pluggable('an attack') },
} as const satisfies PartKind;

export type AttackKind = keyof typeof attacks;

/** An attack of this catalog with everything but its epsilon. */
export type CatalogAttack<K extends AttackKind = AttackKind> = {
  [N in K]: (typeof attacks)[N] extends Attack<infer Kind, infer F> ? ParamsOf<'kind', Kind, F> : never;
}[K];

/** What perturbs images, at any budget. */
export type Perturbing = CatalogAttack | PluggedAttack;

/** An attack as its kernel gets it: resolved, without its budget. */
export type ResolvedAttack<K extends AttackKind = AttackKind> = {
  [N in K]: { readonly kind: N; readonly norm: Norm } & ReturnType<(typeof attacks)[N]['resolve']>;
}[K];

/** `none` is the clean evaluation that every attack shares at epsilon 0. */
export type AttackParams = Perturbing | { readonly kind: 'none' };

const shapes = [...Object.values<Attack>(attacks).map((part) => paramsShape('kind', part)), pluggedAttackShape];
export const perturbing = paramsUnion<Perturbing>('kind', shapes);
export const attackParams = paramsUnion<AttackParams>('kind', [{ kind: z.literal('none') }, ...shapes]);

export const trainingAttack = z
  .object(paramsShape('kind', trainingPgd))
  .omit({ kind: true }) as unknown as z.ZodType<TrainingAttack>;
export type TrainingAttack = Values<typeof trainingPgd.fields>;

/** An attack by its params, whatever its fields. */
export const attackOf = (attack: Pick<CatalogAttack, 'kind'> | PluggedAttack): Attack =>
  attack.kind === 'plugin' ? pluggedAttack(attack) : attacks[attack.kind];

/** The loss of the logits that an attack climbs, if it climbs any. */
export const logitLossOf = (attack: Parameters<typeof attackOf>[0]): LogitLossName =>
  attackOf(attack).lossOf?.({ ...attack }) ?? 'ce';

/** Params of an attack from the values of its fields. */
export const asAttackParams = ({ name }: Attack, values: Values<Fields>): Perturbing =>
  ({ kind: name, ...values }) as unknown as Perturbing;

/** The norm in which a perturbation of this attack is measured. */
export const attackNorm = (attack: Perturbing): Norm => attackOf(attack).normOf(attack);

export const isTargeted = (attack: AttackParams): boolean =>
  attack.kind !== 'none' && attackOf(attack).targetOf(attack) !== 'none';

/** The version in which an attack last changed meaning; each has its own, so that changing one renames no cell of another. */
export function attackVersion(attack: Perturbing): number {
  const part = attackOf(attack);
  return part.scienceOf?.(attack) ?? part.science;
}

/** Trainings are attacked with PGD, so its version counts. */
export const trainingAttackVersion = ({ norm }: TrainingAttack): number => pgd.scienceOf!({ norm } as Values<typeof pgd.fields>);

/** The newest version of any attack. */
export const newestAttackVersion = Math.max(...Object.values<Attack>(attacks).map(({ science }) => science));
