/** A claim set that compares along datasets and splits, for tests of this package and of the report. */
import { contrast, type Claim, type Selector } from '../claims/claim.ts';
import { defineClaimSet } from '../claims/claim-set.ts';

const on = (dataset: 'few' | 'many', more: Partial<Selector> = {}): Selector => ({
  dataset,
  training: 'any',
  epoch: 'last',
  attack: 'clean',
  layer: 'last',
  ...more,
});

const claim: Claim = {
  number: 1,
  title: 'Few classes are learnt better than many',
  short: 'few classes are easier',
  phrase: 'few classes are easier',
  contrasts: [
    contrast({
      id: 'test-accuracy',
      title: 'Test accuracy: few classes against many',
      short: 'test accuracy few − many',
      left: { metric: 'accuracy', at: on('few', { split: 'test' }) },
      right: { metric: 'accuracy', at: on('many', { split: 'test' }) },
      predicted: '+',
    }),
  ],
  headline: 'test-accuracy',
  controls: [
    {
      id: 'terminal',
      title: 'The network fits its training data',
      absent: 'no training accuracy',
      needs: [{ metric: 'accuracy', at: on('many') }],
    },
  ],
};

export const exampleSet = defineClaimSet({
  name: 'example2026',
  summary: 'few classes against many',
  roles: {
    dataset: {
      few: { fits: (d) => d.name === 'prototypes' && d.classes <= 5, yaml: () => '{name: prototypes, classes: 5}' },
      many: { fits: (d) => d.name === 'prototypes' && d.classes > 5, yaml: () => '{name: prototypes, classes: 20}' },
    },
    training: { any: { fits: (recipe) => recipe.kind === 'train' && recipe.attack === null, yaml: () => '{name: ST}' } },
  },
  claims: [claim],
  sections: [
    {
      per: 'stratum',
      id: 'class-counts',
      short: 'Class counts',
      title: 'Accuracy by the number of classes',
      lead: 'Few classes against many, on training and on test data.',
      panels: [
        {
          title: 'Accuracy',
          y: { label: 'accuracy', domain: [0, 1] },
          series: (['train', 'test'] as const).map((split) => ({
            name: split,
            levels: (['few', 'many'] as const).map((dataset) => ({
              label: dataset,
              of: { metric: 'accuracy' as const, at: on(dataset, { split }) },
            })),
          })),
        },
      ],
    },
  ],
});
