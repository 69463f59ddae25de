/** The generators of made datasets. A made dataset in the catalog without a generator does not compile. */
import type { MadeDatasetName, MadeParams } from '@ncsweep/catalog/datasets';
import type { Dataset, Generator } from './dataset.ts';
import { makeMoons } from './moons.ts';
import { makeNonlinearGaussianProcess } from './nonlinear-gaussian-process.ts';
import { makePrototypes } from './prototypes.ts';

const generators: { readonly [N in MadeDatasetName]: Generator<N> } = {
  prototypes: makePrototypes,
  moons: makeMoons,
  'nonlinear-gaussian-process': makeNonlinearGaussianProcess,
};

/** Called with the params of that same dataset, which the compiler cannot check. */
export const generate = (params: MadeParams, seed: number): Pick<Dataset, 'train' | 'test'> =>
  (generators[params.name] as Generator<MadeDatasetName>)(params, seed);
