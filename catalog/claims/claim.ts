/**
 * What a claim is: a short list of paired within-seed contrasts with a predicted sign, and the controls that can veto a verdict.
 * Points are named by role (which training, which attack), never by a user's labels, so that one list serves every sweep.
 */
import type { Pooling, SplitName } from '../axes.ts';
import type { LabelConvention } from '../labels.ts';
import type { AnyMetricName } from '../metrics.ts';

/** `first`: the earliest evaluated epoch ≥ 1, or the untrained network when there is none. */
export type EpochRole = 'untrained' | 'first' | 'last';

/** `each`: every layer after the input, in depth order. */
export type LayerRole = 'last' | 'input' | 'each';

/** `headline`: the budget that the sweep is about (headline-epsilon.ts); otherwise a fixed budget, such as "4/255". */
export type EpsilonRole = 'headline' | `${number}/${number}`;

/** Selects numbers of a seed; roles are those of the claim set (claim-set.ts). */
export interface Selector {
  /** A role of the set; if the set has none for datasets, the stratum's dataset. */
  readonly dataset?: string;
  readonly architecture?: string;
  readonly training: string;
  readonly epoch: EpochRole;
  /** `clean` is epsilon 0; else a common attack (common-attacks.ts) or one of the set, in the norm of the stratum. */
  readonly attack: string;
  /** Default headline. */
  readonly epsilon?: EpsilonRole;
  readonly layer: LayerRole;
  /** Default flatten. */
  readonly pooling?: Pooling;
  /** Default: training data decide, and the same contrast on test data is shown beside it. */
  readonly split?: SplitName;
  /** Default given. */
  readonly labels?: LabelConvention;
}

export interface Measured {
  readonly metric: AnyMetricName;
  readonly at: Selector;
}

/**
 * A natural reference that depends on the number of classes K alone, so that a claim about a size needs no chosen cut-off.
 * - `chance`: 1/K, the accuracy of a guess.
 * - `equal-spread`: nc1 = K − 1. nc1 is the sum over the K − 1 directions between class means of within-class over between-class
 *   variance; at K − 1 the classes are on average as wide as they are apart.
 * - `orthogonal`: 1/(K − 1), the NC2 deviation of class means whose cosines are all 0 instead of −1/(K − 1).
 * - `mid-edge`: √((K−2)/(2(K−1))), the centred cosine between the midpoint of an edge of the simplex and the edge's two vertices.
 * - `mid-edge-angle`: its arccosine in degrees.
 * - `simplex`: −1/(K − 1), the cosine between two vertices of the simplex.
 * - `right-angle`: 0, the cosine of directions that have nothing in common.
 */
export type ReferenceName = 'chance' | 'equal-spread' | 'orthogonal' | 'mid-edge' | 'mid-edge-angle' | 'simplex' | 'right-angle';

export interface Reference {
  readonly reference: ReferenceName;
}

/**
 * How `left − right` becomes one number per seed. `slope`: least squares over the layers after the input, depth rescaled to 0 (first)
 * to 1 (last), so that it reads as the change over the whole depth. `any-layer`: one contrast per layer before the last; the outcome is
 * predicted when some layer's simultaneous interval (Bonferroni over the layers) lies on the predicted side.
 */
export type Reduction = 'value' | 'slope' | 'any-layer';

export interface Contrast {
  readonly id: string;
  readonly title: string;
  /** For one line of a terminal. */
  readonly short: string;
  readonly left: Measured;
  readonly right: Measured | Reference;
  /** Replaces `right` where it is the higher of the two, because beating a number below chance shows nothing. */
  readonly atLeast?: Reference;
  readonly reduction: Reduction;
  /** `log`: the contrast is the ratio left/right, averaged and bounded on a log scale. */
  readonly scale: 'log' | 'linear';
  readonly unit: '' | '°';
  readonly predicted: '+' | '-';
  /** A required contrast that lies wholly on the other side contradicts the claim; others can only leave it undecided. */
  readonly required: boolean;
}

/** The usual contrast: one number, linear, required. */
export const contrast = (
  given: Omit<Contrast, 'reduction' | 'unit' | 'required' | 'scale'> &
    Partial<Pick<Contrast, 'reduction' | 'unit' | 'required' | 'scale'>>,
): Contrast => ({ reduction: 'value', unit: '', required: true, scale: 'linear', ...given });

export const of = (metric: AnyMetricName, at: Selector): Measured => ({ metric, at });
export const reference = (name: ReferenceName): Reference => ({ reference: name });

/** Each has its judge in report/aggregate/control.ts. */
export type ControlId =
  | 'terminal'
  | 'conditioning'
  | 'attack-success'
  | 'split-half-floor'
  | 'stronger-attack'
  | 'stronger-adaptive'
  | 'own-robust-accuracy'
  | 'above-chance'
  | 'kept-accuracy'
  | 'same-start'
  | 'untrained'
  | 'apart';

export interface Control {
  readonly id: ControlId;
  readonly title: string;
  /** Text on the terminal when it was not measured. */
  readonly absent: string;
  /** Everything its judge reads: a sweep that lacks one of these cannot decide the claim. */
  readonly needs: readonly Measured[];
}

export interface Claim {
  readonly number: number;
  /** A training role of the set; only sweeps that have such a training are asked about the claim. */
  readonly about?: string;
  readonly title: string;
  /** For one line of a terminal. */
  readonly short: string;
  /** For a sentence. */
  readonly phrase: string;
  readonly contrasts: readonly Contrast[];
  /** Id of the contrast that represents the claim in a single line. */
  readonly headline: string;
  readonly controls: readonly Control[];
}

/** Everything that the judge of a contrast reads. */
export const sidesOf = ({ left, right }: Contrast): readonly Measured[] => ('at' in right ? [left, right] : [left]);

/** Everything that the judge of a claim reads: its contrasts, and the controls without which it decides nothing. */
export const measuredBy = ({ contrasts, controls }: Claim): readonly Measured[] => [
  ...contrasts.flatMap(sidesOf),
  ...controls.flatMap(({ needs }) => needs),
];

/** Where that is read. */
export const selectorsOf = (claim: Claim): readonly Selector[] => measuredBy(claim).map(({ at }) => at);
