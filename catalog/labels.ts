/** Label conventions: which labels class means are grouped by. */
import { isTargeted, type AttackParams } from './attacks.ts';
import { byName } from './part.ts';

interface Convention<Name extends string = string> {
  readonly name: Name;
  readonly summary: string;
  /** Whether data under an attack have such labels. */
  readonly existsUnder: (attack: AttackParams) => boolean;
}

const define = <const Name extends string>(convention: Convention<Name>): Convention<Name> => convention;

export const labelConventions = byName([
  define({ name: 'given', summary: 'the labels of the data', existsUnder: () => true }),
  define({ name: 'predicted', summary: 'the predictions of the network', existsUnder: () => true }),
  define({ name: 'target', summary: 'the targets of a targeted attack', existsUnder: isTargeted }),
]);

export type LabelConvention = keyof typeof labelConventions;
export const labelNames = Object.keys(labelConventions) as [LabelConvention, ...LabelConvention[]];

/** The conventions under which data are measured: all that there are. */
export const labelsUnder = (attack: AttackParams): readonly LabelConvention[] =>
  labelNames.filter((name) => labelConventions[name].existsUnder(attack));
