/** Label conventions: which labels class means are grouped by. */
import { isTargeted, type AttackParams } from './attacks.ts';
import { imagesOf, type DatasetParams } from './datasets.ts';
import { byName } from './part.ts';
import type { SideLabel } from './side-labels.ts';

interface Convention<Name extends string = string> {
  readonly name: Name;
  readonly summary: string;
  /** Whether data under the given attack have such labels. */
  readonly existsUnder: (attack: AttackParams) => boolean;
  /** The label besides the class that it uses; it exists where the dataset has it, and predictions are not compared with it. */
  readonly sideLabel?: SideLabel;
  /** Version of how they are made; from 2 on it enters the ids of evaluations that have them. */
  readonly science: number;
}

const define = <const Name extends string>(convention: Omit<Convention<Name>, 'science'>): Convention<Name> => ({
  science: 1,
  ...convention,
});

const ofExamples = <const Name extends SideLabel>(sideLabel: Name, summary: string): Convention<Name> =>
  define({ name: sideLabel, summary, existsUnder: () => true, sideLabel });

export const labelConventions = byName([
  define({ name: 'given', summary: 'the labels of the data', existsUnder: () => true }),
  define({ name: 'predicted', summary: 'the predictions of the network', existsUnder: () => true }),
  define({ name: 'target', summary: 'the targets of a targeted attack', existsUnder: isTargeted }),
  ofExamples('attribute', 'a property of the examples that need not go with their class'),
  ofExamples('fine', 'a class within the class'),
]);

export type LabelConvention = keyof typeof labelConventions;
export const labelNames = Object.keys(labelConventions) as [LabelConvention, ...LabelConvention[]];

export const conventionOf = (name: LabelConvention): Convention => labelConventions[name];

/** The conventions under which data are measured: all that apply. @param sideLabels of the examples */
export const labelsUnder = (attack: AttackParams, sideLabels: readonly SideLabel[]): readonly LabelConvention[] =>
  labelNames.filter((name) => {
    const { existsUnder, sideLabel } = conventionOf(name);
    return existsUnder(attack) && (sideLabel === undefined || sideLabels.includes(sideLabel));
  });

export const sideLabelsOf = (dataset: DatasetParams): readonly SideLabel[] => imagesOf(dataset).sideLabels ?? [];

/** Whether examples of a dataset under an attack have the labels of a convention. */
export function hasLabels(name: LabelConvention, attack: AttackParams, dataset: DatasetParams): boolean {
  const { existsUnder, sideLabel } = conventionOf(name);
  return existsUnder(attack) && (sideLabel === undefined || sideLabelsOf(dataset).includes(sideLabel));
}
