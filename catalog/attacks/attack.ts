/** What an attack or a noise is: how it perturbs images within a budget. Its kernel is registered under its kind in a compute program. */
import { z } from 'zod';
import { storedSchema, type Fields, type Values } from '../fields.ts';
import type { Part } from '../part.ts';
import type { Norm } from './norm.ts';
import type { LogitLossName } from './objective.ts';
import type { StepSize } from './step-size.ts';
import type { AttackTarget } from './target.ts';

export interface Attack<
  Kind extends string = string,
  F extends Fields = Fields,
  S extends boolean = boolean,
  R = Readonly<Record<string, unknown>>,
> extends Part<Kind, F> {
  /** Whether one gradient or draw serves all budgets: they are computed together, and a kernel returns what is added epsilon times. */
  readonly sharesWork: S;
  /** The norm of the budget, in which the perturbation is measured. */
  normOf(values: Values<F>): Norm;
  targetOf(values: Values<F>): AttackTarget;
  /** Whose loss it climbs: the network's, that of each layer's own nearest-class-mean classifier, or none. */
  climbs(values: Values<F>): 'network' | 'each layer' | 'nothing';
  /** Which loss of the logits it climbs; default: cross-entropy. */
  lossOf?(values: Values<F>): LogitLossName;
  /** Number of gradients with respect to an example's pixels; per layer if it climbs each layer's loss. */
  gradients(values: Values<F>): number;
  /** Number of forward passes of an example besides those of the gradients; default: 0. */
  forwardPasses?(values: Values<F>): number;
  /** The fewest classes of a dataset for which it is defined; default: 2. */
  fewestClasses?(values: Values<F>): number;
  /** What a compute program is told of these values. */
  resolve(values: Values<F>): R;
  /** Schema of what `resolve` returns, for compute programs. */
  readonly resolved: z.ZodType<R>;
  /** The step of an iterated attack. */
  stepOf?(values: Values<F>): StepSize;
  /** Version of its science for these values, if not all values have `science`, which is the newest. */
  scienceOf?(values: Values<F>): number;
  /** Upper bounds of fields in a smoke run. */
  readonly smoke: { readonly [K in keyof F]?: number };
}

/** Only where compute programs are told other fields than the part's own. */
type Resolution<F extends Fields, R> =
  | { readonly resolve: (values: Values<F>) => R; readonly resolved: z.ZodType<R> }
  | { readonly resolve?: never; readonly resolved?: never };

/** Values are told as ids hold them. */
const told = <F extends Fields, R>(fields: F): Pick<Attack<string, F, boolean, R>, 'resolve' | 'resolved'> => ({
  resolve: (values) => values as unknown as R,
  resolved: z.object(
    Object.fromEntries(Object.entries(fields).map(([field, schema]) => [field, storedSchema(schema)])),
  ) as unknown as z.ZodType<R>,
});

export const defineAttack = <const Kind extends string, F extends Fields, const S extends boolean, R = Values<F>>(
  part: Omit<Attack<Kind, F, S, R>, 'science' | 'resolve' | 'resolved'> & { readonly science?: number } & Resolution<F, R>,
): Attack<Kind, F, S, R> => ({ science: 1, ...told<F, R>(part.fields), ...part });

type NoFields = { readonly [K in never]: z.ZodType };

/** Defines a noise: a draw times epsilon. @param norm of its budget */
export const defineNoise = <const Kind extends string>(
  part: Pick<Attack<Kind>, 'name' | 'summary'> & { readonly norm: Norm },
): Attack<Kind, NoFields, true, Values<NoFields>> =>
  defineAttack({
    name: part.name,
    summary: part.summary,
    fields: {},
    lacks: { target: 'noise has no target' },
    sharesWork: true,
    normOf: () => part.norm,
    targetOf: () => 'none',
    climbs: () => 'nothing',
    gradients: () => 0,
    smoke: {},
  });
