import type { SettingSection } from './section.ts';

const nearest = { name: 'nearest clean vertex', dash: '' };
const own = { name: 'own clean vertex', dash: '6 4' };

export const leap: SettingSection = {
  per: 'setting',
  id: 'leap',
  short: 'Leaping',
  title: 'Leaping',
  lead:
    'An example leaps when it ends near a vertex that is not its own: look for “own” falling while “nearest” stays above the ' +
    'middle of an edge. Cosines are taken per example, because class means blur leaps in several directions.',
  key: [
    { ...nearest, colour: 'ink' },
    { ...own, colour: 'ink' },
  ],
  blocks: [
    {
      kind: 'panels',
      hasLegend: false,
      panels: [
        {
          kind: 'curve',
          title: '{training} under {attack}',
          x: 'epsilon',
          each: 'training',
          y: { label: 'cosine, mean over examples', domain: [-1, 1], ticks: [-1, -0.5, 0, 0.5, 1] },
          series: [
            { ...nearest, metric: 'leap_example_cos_nearest', attack: 'pgd' },
            { ...own, metric: 'leap_example_cos_true', attack: 'pgd', symbol: 'square2' },
          ],
          references: [0, { reference: 'mid-edge', label: 'middle of an edge' }],
        },
      ],
    },
    {
      kind: 'heatmaps',
      title: 'Leap matrices',
      lead: () =>
        'Share of each class’s examples whose nearest clean vertex is the column’s; intact data lie on the diagonal. One seed, ' +
        'since classes need not correspond between seeds; the others are in matrices.csv.',
      metric: 'leap_matrix',
      at: 'around the headline',
      rows: 'own class',
      cols: 'nearest clean vertex',
    },
  ],
};
