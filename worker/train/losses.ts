/** The kernels of the training losses. A loss in the catalog without one does not compile. */
import type { LossName } from '@ncsweep/catalog/losses';
import { crossEntropyKernel } from './losses/cross-entropy.ts';
import type { LossKernel } from './losses/loss-kernel.ts';
import { tradesKernel } from './losses/trades.ts';

const kernels: { readonly [L in LossName]: LossKernel<L> } = {
  ce: crossEntropyKernel,
  trades: tradesKernel,
};

/** The kernel of a loss; called with that loss's own parameters, which the compiler cannot check. */
export const lossKernel = (loss: LossName): LossKernel<LossName> => kernels[loss] as LossKernel<LossName>;
