import { attackSeries } from './curves.ts';
import type { CurvePanel, SettingSection } from './section.ts';
import type { SplitName } from '../../axes.ts';

const panel = (title: string, split: SplitName): CurvePanel => ({
  kind: 'curve',
  title,
  x: 'epsilon',
  split,
  y: { label: 'degrees', domain: [0, 180], ticks: [0, 45, 90, 135, 180] },
  series: [
    ...attackSeries('simplex_angle'),
    // The angle by which two halves of the same class differ.
    { name: '{training}, split-half floor', metric: 'split_half_angle', attack: 'pgd', dash: '1 3', isFaint: true },
  ],
});

export const alignment: SettingSection = {
  per: 'setting',
  id: 'alignment',
  short: 'Alignment',
  title: 'Aligned simplices',
  lead:
    'Angle between a class’s vertex on clean and on perturbed data, averaged over classes. The dotted line is the angle between ' +
    'two random halves of the same perturbed data: no angle below it can be trusted.',
  blocks: [
    {
      kind: 'panels',
      hasLegend: true,
      panels: [panel('Simplex angle, training data', 'train'), panel('Simplex angle, test data', 'test')],
    },
  ],
};
