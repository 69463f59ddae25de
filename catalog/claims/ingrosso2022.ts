/**
 * The claims of arXiv 2202.00565 as contrasts: receptive fields become local where data are translation-invariant and not Gaussian, and stay
 * extended on Gaussian data of the same covariance. How local they are is the inverse participation ratio of the first layer's weights.
 */
import type { DatasetParams } from '../datasets.ts';
import type { RecipeParams } from '../params.ts';
import { contrast, of, type Claim, type Control, type Selector } from './claim.ts';
import { defineClaimSet, type Role } from './claim-set.ts';
import { fieldLevels, ratio, share } from './sections/fields.ts';

interface Process {
  readonly gain: number;
  readonly gaussian: boolean;
}

const process = (fits: (params: Process) => boolean, yaml: string): Role<DatasetParams> => ({
  fits: (d) => d.name === 'nonlinear-gaussian-process' && fits(d),
  yaml: () => `{name: nonlinear-gaussian-process, ${yaml}}`,
});

/** Signals by how far they are from Gaussian, and the twin of those that are farthest. */
const datasets = {
  saturated: process(({ gain, gaussian }) => gain >= 2 && !gaussian, 'as: gain-3, gain: 3'),
  twin: process(({ gain, gaussian }) => gain >= 2 && gaussian, 'as: twin-3, gain: 3, gaussian: true'),
  bent: process(({ gain, gaussian }) => gain >= 0.5 && gain < 2 && !gaussian, 'as: gain-1, gain: 1'),
  straight: process(({ gain, gaussian }) => gain < 0.5 && !gaussian, 'as: gain-0.1, gain: 0.1'),
};

type DatasetRole = keyof typeof datasets;

const trainings = {
  plain: {
    fits: (recipe) => recipe.kind === 'train' && recipe.attack === null,
    yaml: () => '{name: SGD, loss: plugin, part: committee/signs}',
  } satisfies Role<RecipeParams>,
};

/** Weights have no split; test data say whether the network learnt its task. */
const at = (dataset: DatasetRole, more: Partial<Selector> = {}): Selector => ({
  dataset,
  training: 'plain',
  epoch: 'last',
  attack: 'clean',
  layer: 'last',
  split: 'test',
  ...more,
});

const learns = (...roles: readonly DatasetRole[]): Control => ({
  id: 'above-chance',
  title: 'The networks learn their task, so that none is merely as it began',
  absent: 'no test accuracy',
  needs: roles.map((role) => of('accuracy', at(role))),
});

const sameStart = (...roles: readonly DatasetRole[]): Control => ({
  id: 'same-start',
  title: 'The networks begin with the same weights',
  absent: 'no untrained network',
  needs: roles.map((role) => of(ratio, at(role, { epoch: 'untrained' }))),
});

const notGaussian: Claim = {
  number: 1,
  title: 'Fields are more local where data are not Gaussian, at the same covariance',
  short: 'non-Gaussian data localise',
  phrase: 'non-Gaussian data localise receptive fields',
  contrasts: [
    contrast({
      id: 'ratio',
      title: 'Inverse participation ratio of the fields: saturated signals against their Gaussian twin',
      short: 'IPR signals/twin',
      left: of(ratio, at('saturated')),
      right: of(ratio, at('twin')),
      scale: 'log',
      predicted: '+',
    }),
    contrast({
      id: 'share',
      title: 'Share of fields that are more local than Gaussian weights: saturated signals against their Gaussian twin',
      short: 'localised share signals − twin',
      left: of(share, at('saturated')),
      right: of(share, at('twin')),
      predicted: '+',
      required: false,
    }),
  ],
  headline: 'ratio',
  controls: [learns('saturated', 'twin'), sameStart('saturated', 'twin')],
};

const learnt = (dataset: 'saturated' | 'twin', name: string, predicted: '+' | '-') =>
  contrast({
    id: `${dataset}-learnt`,
    title: `Inverse participation ratio of the fields on ${name}: trained against untrained`,
    short: `IPR trained/untrained, ${dataset === 'twin' ? 'twin' : 'signals'}`,
    left: of(ratio, at(dataset)),
    right: of(ratio, at(dataset, { epoch: 'untrained' })),
    scale: 'log',
    predicted,
  });

const byTraining: Claim = {
  number: 2,
  title: 'Training localises fields on saturated signals, and spreads them out on their Gaussian twin',
  short: 'training localises',
  phrase: 'training localises fields on non-Gaussian data only',
  contrasts: [learnt('saturated', 'saturated signals', '+'), learnt('twin', 'the Gaussian twin', '-')],
  headline: 'saturated-learnt',
  controls: [learns('saturated', 'twin')],
};

const step = (id: string, [more, less]: readonly [DatasetRole, DatasetRole], names: string) =>
  contrast({
    id,
    title: `Inverse participation ratio of the fields: ${names}`,
    short: `IPR ${names}`,
    left: of(ratio, at(more)),
    right: of(ratio, at(less)),
    scale: 'log',
    predicted: '+',
  });

const byGain: Claim = {
  number: 3,
  title: 'Fields are the more local, the steeper the nonlinearity that takes the data away from Gaussian ones',
  short: 'more gain, more local',
  phrase: 'fields grow more local with the gain',
  contrasts: [step('high', ['saturated', 'bent'], 'gain 3 against 1'), step('low', ['bent', 'straight'], 'gain 1 against 0.1')],
  headline: 'high',
  controls: [learns('saturated', 'bent', 'straight'), sameStart('saturated', 'bent', 'straight')],
};

export const ingrosso2022 = defineClaimSet({
  name: 'ingrosso2022',
  summary: 'non-Gaussian, translation-invariant data localise receptive fields (arXiv 2202.00565)',
  roles: { dataset: datasets, training: trainings },
  terms: { IPR: 'the inverse participation ratio, Σ w⁴ / (Σ w²)², averaged over the fields' },
  claims: [notGaussian, byTraining, byGain],
  sections: fieldLevels({
    saturated: 'gain 3',
    bent: 'gain 1',
    straight: 'gain 0.1',
    twin: 'twin',
  } satisfies Record<DatasetRole, string>),
});
