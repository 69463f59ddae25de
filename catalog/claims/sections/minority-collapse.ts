/** Directions and accuracies of minority and majority classes by imbalance, and what changes them where it is severe. */
import type { SplitName } from '../../axes.ts';
import type { MetricName } from '../../metrics.ts';
import { of, type Selector } from '../claim.ts';
import { share } from './curves.ts';
import type { LevelPanel, ReportSection } from './section.ts';

type Group = 'minority' | 'majority';

const at = (dataset: string, training: string, split: SplitName): Selector => ({
  dataset,
  training,
  epoch: 'last',
  attack: 'clean',
  layer: 'last',
  split,
});

const ratios = ['balanced', 'mild', 'severe'] as const;
/** Labels beside those of the ratios; both are of severe imbalance. */
const remedies = { oversampled: 'repeated', free: 'no decay' } as const;

type Drawn = Pick<LevelPanel, 'y' | 'references'> & { readonly split: SplitName };

/** Trainings as usual are joined by a line; the others stand beside them. */
function panel(title: string, metricOf: Readonly<Record<Group, MetricName>>, { split, ...drawn }: Drawn): LevelPanel {
  const linesOf = (group: Group): LevelPanel['series'] => {
    const colour: 'vermillion' | 'blue' = group === 'minority' ? 'vermillion' : 'blue';
    const level = (dataset: string, training: string, label: string) => ({
      label,
      of: of(metricOf[group], at(dataset, training, split)),
    });
    const beside = (training: keyof typeof remedies, symbol: 'triangle' | 'diamond2') => ({
      name: `${group}, ${remedies[training]}`,
      colour,
      symbol,
      levels: [level('severe', training, remedies[training])],
    });
    const trained = { name: group, colour, dash: '', levels: ratios.map((ratio) => level(ratio, 'CE', ratio)) };
    return [trained, beside('oversampled', 'diamond2'), beside('free', 'triangle')];
  };
  return { title, series: [...linesOf('minority'), ...linesOf('majority')], ...drawn };
}

const cosines = { label: 'mean cosine', domain: [-1, 1], ticks: [-1, -0.5, 0, 0.5, 1] } as const;
const simplex = [0, { reference: 'simplex', label: 'simplex' }] as const;
const accuracies = { minority: 'accuracy_minority', majority: 'accuracy_majority' } as const;

export const minorityCollapse: readonly ReportSection[] = [
  {
    per: 'stratum',
    id: 'minority-collapse',
    short: 'Minority collapse',
    title: 'Minority classes by imbalance',
    lead:
      'The classes of the minority have as many images as the others (balanced), fewer (mild) or a few (severe). A mean cosine of 1 is a ' +
      'classifier that cannot tell them apart; in a simplex all cosines are −1/(K − 1). Beside the line stand, for ' +
      'severe imbalance, what repeating their images gives back and what happens without weight decay.',
    panels: [
      panel(
        'Cosines between classifiers',
        { minority: 'cos_minority_weights', majority: 'cos_majority_weights' },
        { y: cosines, references: simplex, split: 'train' },
      ),
      panel(
        'Cosines between class means, training data',
        { minority: 'cos_minority_means', majority: 'cos_majority_means' },
        { y: cosines, references: simplex, split: 'train' },
      ),
      panel('Accuracy, training data', accuracies, { y: { label: 'accuracy', ...share }, split: 'train' }),
      panel('Accuracy, test data', accuracies, { y: { label: 'accuracy', ...share }, split: 'test' }),
    ],
  },
];
