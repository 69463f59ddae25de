/** The kernels of the training losses. A loss in the catalog without one does not compile. */
import type { CatalogLoss, LossName } from '@ncsweep/catalog/losses';
import type { Training } from '@ncsweep/protocol/compute/task-document';
import { pluggedLossDocument } from '@ncsweep/catalog/plugins/plugged-loss';
import { z } from 'zod';
import { pluggedPass } from '../plugin/plugged-loss.ts';
import { PluginFunctions } from '../plugin/plugin-functions.ts';
import { RefusedTaskError } from '../task-io.ts';
import { adversaryOf } from './losses/adversary.ts';
import { crossEntropyKernel } from './losses/cross-entropy.ts';
import type { LossKernel } from './losses/loss-kernel.ts';
import { meanSquaredErrorKernel } from './losses/mean-squared-error.ts';
import { spectralDecouplingKernel } from './losses/spectral-decoupling.ts';
import { tradesKernel } from './losses/trades.ts';

const kernels: { readonly [L in LossName]: LossKernel<L> } = {
  ce: crossEntropyKernel,
  trades: tradesKernel,
  mse: meanSquaredErrorKernel,
  'spectral-decoupling': spectralDecouplingKernel,
};

function pluggedKernel(loss: Training['loss'], functions: PluginFunctions): LossKernel<LossName> {
  const found = pluggedLossDocument.safeParse(loss);
  if (!found.success)
    throw new RefusedTaskError(`this program does not know the loss ${JSON.stringify(loss)}: ${z.prettifyError(found.error)}`);
  const { part, identity, params } = found.data;
  const own = { part, params, run: functions.get({ kind: 'loss', part, identity }) };
  return { adversary: adversaryOf, pass: (nodes, batch, _, state) => pluggedPass(own, nodes, batch, state) };
}

/**
 * The kernel of a loss; called with that loss's own parameters, which the compiler cannot check.
 * @param functions of the task's plug-ins @throws RefusedTaskError
 */
export function readLoss(loss: Training['loss'], functions = new PluginFunctions()): LossKernel<LossName> {
  const { name } = loss;
  if (name === 'plugin') return pluggedKernel(loss, functions);
  if (name in kernels) return kernels[name as LossName] as LossKernel<LossName>;
  throw new RefusedTaskError(`this program does not know the loss ${name}`);
}

/** A task's loss under the name that kernels use. */
export const lossParams = ({ name, ...values }: Training['loss']): CatalogLoss =>
  ({ loss: name, ...values }) as unknown as CatalogLoss;
