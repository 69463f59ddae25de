/** Collapse over training, one line per training, and the forms of its metrics side by side. */
import type { SplitName } from '../../axes.ts';
import type { MetricName } from '../../metrics.ts';
import { of } from '../claim.ts';
import { share } from './curves.ts';
import type { CurvePanel, LevelPanel, ReportSection, Series, SettingSection } from './section.ts';

type More = Pick<CurvePanel, 'y' | 'scale' | 'references'> & Pick<Series, 'labels'>;

const panel = (title: string, metric: MetricName, split: SplitName, { labels, ...more }: More): CurvePanel => ({
  kind: 'curve',
  title,
  x: 'epoch',
  split,
  series: [{ name: '{training}', metric, attack: 'clean', ...(labels && { labels }) }],
  ...more,
});

const log = (label: string): More => ({ y: { label }, scale: 'log' });

const overTraining: SettingSection = {
  per: 'setting',
  id: 'by-loss',
  short: 'Losses over training',
  title: 'Collapse over training, by loss and weight decay',
  lead:
    'Compare the same measure on training and on test data: only the first falls to collapse. The last panel asks whether features ' +
    'still tell the classes within a class apart; a guess within the right class would halve its accuracy among two.',
  blocks: [
    {
      kind: 'panels',
      hasLegend: true,
      panels: [
        { ...panel('nc1, training data (log)', 'nc1', 'train', log('nc1')), marksIllConditioned: true },
        { ...panel('nc1, test data (log)', 'nc1', 'test', log('nc1')), marksIllConditioned: true },
        panel('NC2 angles, training data', 'nc2_equiangular_means', 'train', { y: { label: 'mean |cos + 1/(K−1)|' } }),
        panel('NC3, training data (log)', 'nc3', 'train', log('nc3')),
        panel('Accuracy, test data', 'accuracy', 'test', { y: { label: 'accuracy', ...share } }),
        panel('Subclasses by nearest mean, test data', 'ncc_accuracy_own_means', 'test', {
          y: { label: 'NCC accuracy among subclasses', ...share },
          labels: 'fine',
        }),
      ],
    },
  ],
};

/** Names short enough for an axis. */
const spread = { nc1: 'NC1', nc1_per_class: 'NC1/K', nc1_quotient: 'quotient', cdnv: 'CDNV' } as const;
const simplex = {
  nc2_equinorm_means: 'norms M',
  nc2_equinorm_weights: 'norms W',
  nc2_equiangular_means: 'angles M',
  nc2_equiangular_weights: 'angles W',
  nc3: 'NC3',
  nc4_own: 'NC4',
} as const;

const formsPanel = (
  title: string,
  forms: Readonly<Partial<Record<MetricName, string>>>,
  roles: readonly string[],
): LevelPanel => ({
  title,
  y: { label: 'value' },
  series: roles.map((training) => ({
    name: training,
    levels: Object.entries(forms).map(([metric, label]) => ({
      label,
      of: of(metric as MetricName, { training, epoch: 'last', attack: 'clean', layer: 'last' }),
    })),
  })),
});

/** @param roles of trainings, in the order of the legend */
export const byLoss = (roles: readonly string[]): readonly ReportSection[] => [
  overTraining,
  {
    per: 'stratum',
    id: 'metric-forms',
    short: 'Metric forms',
    title: 'The forms of each metric side by side',
    lead:
      'After training, on training data. Forms of NC1 differ in what they invert: NC1 inverts Sigma_B, the quotient and CDNV nothing. ' +
      'They may order trainings differently, so a statement about "more collapse" must name its form. M are class means, W weights.',
    panels: [
      { ...formsPanel('Within-class spread (log)', spread, roles), scale: 'log' },
      formsPanel('Simplex and self-duality', simplex, roles),
    ],
  },
];
