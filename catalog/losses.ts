/** The training losses. */
import type { z } from 'zod';
import type { Fields, Values } from './fields.ts';
import { crossEntropy } from './losses/cross-entropy.ts';
import type { Loss } from './losses/loss.ts';
import { meanSquaredError } from './losses/mean-squared-error.ts';
import { spectralDecoupling } from './losses/spectral-decoupling.ts';
import { trades } from './losses/trades.ts';
import { pluggable } from './plugins/pluggable.ts';
import { pluggedLoss, pluggedLossShape, type PluggedLoss } from './plugins/plugged-loss.ts';
import { byName, paramsShape, type ParamsOf } from './part.ts';
import type { PartKind } from './part-kind.ts';

export const losses = byName([crossEntropy, trades, meanSquaredError, spectralDecoupling]);

export const lossKind = {
  title: 'loss',
  key: 'loss',
  fallback: 'ce',
  parts: { ...losses, plugin: pluggable('a loss') },
} as const satisfies PartKind;

export type LossName = keyof typeof losses;
/** What enters ids for a loss of this catalog. */
export type CatalogLoss<N extends LossName = LossName> = {
  [K in N]: (typeof losses)[K] extends Loss<infer Name, infer F, infer C> ? ParamsOf<'loss', Name, F, C> : never;
}[N];
export type LossParams = CatalogLoss | PluggedLoss;

/** Schema shapes of the part of ids that each loss contributes. */
export const lossShapes: readonly z.ZodRawShape[] = [
  ...Object.values<Loss>(losses).map((part) => paramsShape('loss', part, part.constants)),
  pluggedLossShape,
];

/** A loss by its params, whatever its fields. */
export const lossOf = (params: { readonly loss: LossName } | PluggedLoss): Loss =>
  params.loss === 'plugin' ? pluggedLoss(params) : losses[params.loss];

/** Params of a loss from the values of its fields. */
export const asLossParams = ({ name, constants }: Loss, values: Values<Fields>): CatalogLoss =>
  ({ loss: name, ...values, ...constants }) as unknown as CatalogLoss;
