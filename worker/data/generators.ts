/** How made datasets are made. A made dataset of the catalog without a generator does not compile. */
import type { MadeDatasetName, MadeParams } from '@ncsweep/catalog/datasets';
import type { Dataset } from './dataset.ts';
import { makePrototypes } from './prototypes.ts';

/** Every draw is a function of seed, purpose and sample index. */
export type Generator<N extends MadeDatasetName> = (params: MadeParams<N>, seed: number) => Pick<Dataset, 'train' | 'test'>;

const generators: { readonly [N in MadeDatasetName]: Generator<N> } = {
  prototypes: makePrototypes,
};

export const generate = (params: MadeParams, seed: number): Pick<Dataset, 'train' | 'test'> =>
  generators[params.name](params, seed);
