import type { MetricName } from '../../metrics.ts';
import { share } from './curves.ts';
import type { CurvePanel, SettingSection } from './section.ts';

/** Here clean data are dashed and attacked data solid, as attacks are everywhere. */
const panel = (title: string, metric: MetricName, more: Pick<CurvePanel, 'y' | 'scale'>): CurvePanel => ({
  kind: 'curve',
  title,
  x: 'epoch',
  series: [
    { name: '{training}, clean', metric, attack: 'clean', dash: '6 4', symbol: 'square2' },
    { name: '{training}, {attack} at {epsilon}', metric, attack: 'pgd' },
  ],
  ...more,
});

export const overTraining: SettingSection = {
  per: 'setting',
  id: 'training',
  short: 'During training',
  title: 'During training',
  lead:
    'Does collapse still deepen when training ends, and does it deepen on attacked data too? A curve that still falls at its ' +
    'right end was not trained to the terminal phase.',
  blocks: [
    {
      kind: 'panels',
      hasLegend: true,
      empty: 'Only the last epoch was evaluated.',
      panels: [
        { ...panel('nc1 (log)', 'nc1', { y: { label: 'nc1' }, scale: 'log' }), marksIllConditioned: true },
        panel('NC2 angles', 'nc2_equiangular_means', { y: { label: 'nc2_equiangular_means' } }),
        panel('Accuracy', 'accuracy', { y: { label: 'accuracy', ...share } }),
      ],
    },
    {
      kind: 'heatmaps',
      title: 'Cosines between class means',
      lead: (classes) =>
        `An exact simplex has −1/(K−1) = ${(-1 / (classes - 1)).toFixed(3).replace('-', '−')} everywhere off the diagonal.`,
      metric: 'nc2_cosines',
      at: 'clean and headline',
      rows: 'class',
      cols: 'class',
    },
  ],
};
