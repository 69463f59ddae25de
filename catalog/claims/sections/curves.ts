import type { CurvePanel, Series, SettingSection } from './section.ts';
import type { MetricName } from '../../metrics.ts';
import type { SplitName } from '../../axes.ts';

/** From 0 to 1. */
export const share = { domain: [0, 1], ticks: [0, 0.25, 0.5, 0.75, 1] } as const;

/** The main attack, and noise of the same size. */
export const attackSeries = (metric: MetricName): readonly Series[] =>
  (['pgd', 'noise'] as const).map((attack) => ({ name: '{training}, {attack}', metric, attack }));

const panel = (title: string, metric: MetricName, split: SplitName, more: Pick<CurvePanel, 'y' | 'scale'>): CurvePanel => ({
  kind: 'curve',
  title,
  x: 'epsilon',
  split,
  series: attackSeries(metric),
  ...more,
});

const accuracy = { y: { label: 'accuracy', ...share } };
const nc1 = { y: { label: 'nc1' }, scale: 'log' } as const;

export const curves: SettingSection = {
  per: 'setting',
  id: 'curves',
  short: 'Against epsilon',
  title: 'Accuracy and collapse against epsilon',
  lead:
    'Look at the distance between attack (solid) and noise of the same size (dashed), training by training: that distance is ' +
    'adversarial, the rest is noise. Last layer, last epoch; every seed a dot, the band its interval.',
  blocks: [
    {
      kind: 'panels',
      hasLegend: true,
      panels: [
        panel('Accuracy, training data', 'accuracy', 'train', accuracy),
        panel('Accuracy, test data', 'accuracy', 'test', accuracy),
        { ...panel('nc1, training data (log)', 'nc1', 'train', nc1), marksIllConditioned: true },
        panel('nc1 quotient, training data (log)', 'nc1_quotient', 'train', { y: { label: 'nc1_quotient' }, scale: 'log' }),
        panel('NC2 angles, training data', 'nc2_equiangular_means', 'train', { y: { label: 'mean |cos + 1/(K−1)|' } }),
        { ...panel('nc1, test data (log)', 'nc1', 'test', nc1), marksIllConditioned: true },
      ],
    },
  ],
};
