/** How made datasets are made. A made dataset of the catalog without a generator does not compile. */
import type { MadeDatasetName, MadeParams } from '@ncsweep/catalog/datasets';
import type { Dataset, Generator } from './dataset.ts';
import { makePrototypes } from './prototypes.ts';

const generators: { readonly [N in MadeDatasetName]: Generator<N> } = {
  prototypes: makePrototypes,
};

/** Called with the params of that very dataset, which the compiler does not follow. */
export const generate = (params: MadeParams, seed: number): Pick<Dataset, 'train' | 'test'> =>
  (generators[params.name] as Generator<MadeDatasetName>)(params, seed);
