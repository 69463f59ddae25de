/**
 * What a family of metrics is: numbers computed together from the features of a layer, with one entry per record name. The report
 * describes them with these words.
 * h(x) features [d], mu_c class means, mu_G their unweighted mean, m_c = mu_c − mu_G, M = [m_c] (d×K), W classifier weights (K×d),
 * N samples, Sigma_W = (1/N) Σ (h−mu_y)(h−mu_y)ᵀ, Sigma_B = M Mᵀ / K; a prime marks the clean data of the same snapshot and split.
 */
import type { StartMeasure } from '@ncsweep/collapse/view-measure';
import type { Tolerance } from './tolerance.ts';

/** `scalar+classes`: a scalar, the mean over classes, and also one number per class (row = class) under the same name. */
export type MetricShape = 'scalar' | 'scalar+classes' | 'classes×classes';

/** What is required besides features and labels. */
export type MetricNeed = 'clean means' | 'weights' | 'predictions' | 'logits' | 'adaptive attack' | 'minority';

export interface MetricSource {
  /** `code`: as in the paper's public code; `lit`: other literature; `ours`: our own definition; `plug-in`: somebody's code. */
  readonly kind: 'code' | 'lit' | 'ours' | 'plug-in';
  readonly reference: string;
}

export interface MetricEntry {
  readonly tolerance: Tolerance;
  readonly label: string;
  readonly formula: string;
  /** Empty for a pure number. */
  readonly unit: string;
  readonly range: readonly [min: number, max: number];
  /** Its value at exact collapse of clean (and, with clean means, equally placed perturbed) features; null where collapse implies none. */
  readonly atCollapse: number | null;
  readonly source: MetricSource;
  readonly shape: MetricShape;
  readonly needs: readonly MetricNeed[];
  /** How to plot it. */
  readonly scale: 'linear' | 'log';
  /** Which examples a share is of; default all. */
  readonly examples?: ExampleGroup;
}

/** Examples of the minority classes of a dataset, or of its others. */
type ExampleGroup = 'minority' | 'majority';

export const code: MetricSource = {
  kind: 'code',
  reference: 'Su, Zhang, Tsilivis, Kempe, arXiv 2311.07444, authors’ public code',
};
export const ours: MetricSource = { kind: 'ours', reference: 'ncsweep docs/collapse.md' };
export const literature = (reference: string): MetricSource => ({ kind: 'lit', reference });

/** The `MetricEntry.unit` of a metric that doubles with the features. */
export const featureUnits = 'feature units';

export const positive = { unit: '', range: [0, Infinity], atCollapse: 0, shape: 'scalar', needs: [], scale: 'log' } as const;
export const share = { unit: '', range: [0, 1], atCollapse: 1, shape: 'scalar', needs: [], scale: 'linear' } as const;
export const cosine = {
  unit: '',
  range: [-1, 1],
  atCollapse: 1,
  source: ours,
  shape: 'scalar',
  needs: ['clean means'],
  scale: 'linear',
} as const;
export const angle = { unit: '°', range: [0, 180], atCollapse: 0, shape: 'scalar+classes', scale: 'linear' } as const;

export interface MetricFamily<Name extends string = string, E extends MetricEntries = MetricEntries> {
  readonly name: Name;
  readonly summary: string;
  readonly entries: E;
  /**
   * Whether it compares minority classes with the others, so that only data with a minority have it. Ids of such data are as new as the
   * family, which therefore need not start at `science` 2.
   */
  readonly ofMinority?: boolean;
  /** Computes them in the pass over a layer's features; if absent, the `collapse` package does. */
  readonly start?: StartMeasure;
  /**
   * Version of how its numbers are computed; from 2 on it enters the ids of evaluations. A new family starts at 2, so that evaluations that
   * were made without it are made again.
   */
  readonly science: number;
}

type MetricEntries = Readonly<Record<string, MetricEntry>>;

export const defineMetrics = <const Name extends string, const E extends MetricEntries>(
  family: Omit<MetricFamily<Name, E>, 'science'> & { readonly science?: number },
): MetricFamily<Name, E> => ({ science: 1, ...family });
