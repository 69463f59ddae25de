/** The training losses. */
import type { z } from 'zod';
import type { Fields, Values } from './fields.ts';
import { crossEntropy } from './losses/cross-entropy.ts';
import type { Loss } from './losses/loss.ts';
import { trades } from './losses/trades.ts';
import { byName, paramsShape, type ParamsOf } from './part.ts';
import type { PartKind } from './part-kind.ts';

export const losses = byName([crossEntropy, trades]);

export const lossKind = { title: 'loss', key: 'loss', fallback: 'ce', parts: losses } as const satisfies PartKind;

export type LossName = keyof typeof losses;
export type LossParams<N extends LossName = LossName> = {
  [K in N]: (typeof losses)[K] extends Loss<infer Name, infer F, infer C> ? ParamsOf<'loss', Name, F, C> : never;
}[N];

/** Schema shapes of the part of ids that each loss contributes. */
export const lossShapes: readonly z.ZodRawShape[] = Object.values<Loss>(losses).map((part) =>
  paramsShape('loss', part, part.constants),
);

/** A loss by its params, whatever its fields. */
export const lossOf = ({ loss }: { readonly loss: LossName }): Loss => losses[loss];

/** Params of a loss from the values of its fields. */
export const asLossParams = ({ name, constants }: Loss, values: Values<Fields>): LossParams =>
  ({ loss: name, ...values, ...constants }) as unknown as LossParams;
