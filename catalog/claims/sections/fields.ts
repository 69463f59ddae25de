/** How local the first layer's weights are on each dataset, over training, beside how Gaussian the data are. */
import type { AnyMetricName } from '../../metrics.ts';
import { of, type EpochRole, type LayerRole } from '../claim.ts';
import { share as ofOne } from './curves.ts';
import type { LevelPanel, ReportSection } from './section.ts';

export const ratio = 'committee/inverse-participation-ratio';
export const share = 'committee/localised-share';
const kurtosis = 'committee/kurtosis';

const epochs = [
  ['untrained', 'untrained'],
  ['first', 'early'],
  ['last', 'trained'],
] as const;

const level = (metric: AnyMetricName, dataset: string, epoch: EpochRole, layer: LayerRole = 'last') =>
  of(metric, { dataset, training: 'plain', epoch, attack: 'clean', layer, split: 'test' });

type Names = Readonly<Record<string, string>>;

const overTraining = (title: string, metric: AnyMetricName, y: LevelPanel['y'], names: Names): LevelPanel => ({
  title,
  y,
  series: Object.entries(names).map(([dataset, name]) => ({
    name,
    levels: epochs.map(([epoch, label]) => ({ label, of: level(metric, dataset, epoch) })),
  })),
});

/** @param names of the roles of datasets, in the order of the legend */
export const fieldLevels = (names: Names): readonly ReportSection[] => [
  {
    per: 'stratum',
    id: 'fields',
    short: 'Fields',
    title: 'How local receptive fields become',
    lead:
      'The Gaussian twin has the covariance of the signals of gain 3 and nothing else of them: compare these two first. Equal weights ' +
      'have a ratio of 1/D, Gaussian ones of 3/D and a sine 1.5/D, with D the length of a signal.',
    panels: [
      {
        ...overTraining(
          'Inverse participation ratio (log)',
          ratio,
          { label: 'ratio, mean over fields', domain: [0.015, 0.06], ticks: [0.015, 0.02, 0.03, 0.04, 0.06] },
          names,
        ),
        scale: 'log',
      },
      overTraining('Fields more local than Gaussian weights', share, { label: 'share of fields', ...ofOne }, names),
      overTraining('Accuracy, test data', 'accuracy', { label: 'accuracy', ...ofOne }, names),
      {
        title: 'Excess kurtosis of the data',
        y: { label: 'kurtosis − 3' },
        series: [
          {
            name: 'data',
            levels: Object.entries(names).map(([dataset, label]) => ({ label, of: level(kurtosis, dataset, 'last', 'input') })),
          },
        ],
      },
    ],
  },
];
