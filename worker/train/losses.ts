/** The kernels of the training losses. A loss in the catalog without one does not compile. */
import type { CatalogLoss, LossName } from '@ncsweep/catalog/losses';
import type { Training } from '@ncsweep/protocol/compute/task-document';
import { RefusedTaskError } from '../task-io.ts';
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

/** The kernel of a loss; called with that loss's own parameters, which the compiler cannot check. @throws RefusedTaskError */
export function lossKernel(loss: string): LossKernel<LossName> {
  if (loss in kernels) return kernels[loss as LossName] as LossKernel<LossName>;
  throw new RefusedTaskError(`this program does not know the loss ${loss}`);
}

/** A task's loss under the name that kernels use. */
export const lossParams = ({ name, ...values }: Training['loss']): CatalogLoss =>
  ({ loss: name, ...values }) as unknown as CatalogLoss;
