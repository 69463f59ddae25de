/** Accuracy of each training on two moons: where the easy feature misleads, and under attack. */
import type { SplitName } from '../../axes.ts';
import { of } from '../claim.ts';
import { share } from './curves.ts';
import type { LevelPanel, ReportSection } from './section.ts';

interface Shown {
  readonly split: SplitName;
  readonly attack: 'clean' | 'pgd';
}

const panel = (title: string, roles: readonly string[], { split, attack }: Shown): LevelPanel => ({
  title,
  y: { label: 'accuracy', ...share },
  series: (['gap', 'overlap'] as const).map((dataset) => ({
    name: `trained with ${dataset === 'gap' ? 'a gap' : 'an overlap'}`,
    dash: '2 3',
    levels: roles.map((training) => ({
      label: training,
      of: of('accuracy', { dataset, training, epoch: 'last', attack, layer: 'last', split }),
    })),
  })),
});

/** @param roles of trainings, in the order of the axis */
export const starvation = (roles: readonly string[]): readonly ReportSection[] => [
  {
    per: 'stratum',
    id: 'starvation',
    short: 'Starvation',
    title: 'Accuracy where the easy feature misleads, and under attack',
    lead:
      'In test data the second coordinate says little and the bend of the arcs says all: accuracy there shows whether the bend was ' +
      'learnt. Compare cross-entropy with a gap and with an overlap, then with a gap from left to right.',
    panels: [
      panel('Test data, where the easy feature misleads', roles, { split: 'test', attack: 'clean' }),
      panel('Training data under PGD', roles, { split: 'train', attack: 'pgd' }),
      panel('Training data', roles, { split: 'train', attack: 'clean' }),
    ],
  },
];
