/**
 * The dictionary of metrics: one entry per record name. `collapse` computes them, the report describes them with these words.
 * h(x) features [d], mu_c class means, mu_G their unweighted mean, m_c = mu_c − mu_G, M = [m_c] (d×K), W classifier weights (K×d),
 * N samples, Sigma_W = (1/N) Σ (h−mu_y)(h−mu_y)ᵀ, Sigma_B = M Mᵀ / K; a prime marks the clean data of the same snapshot and split.
 */

/** `scalar+classes`: a scalar, the mean over classes, and beside it one number a class (row = class) under the same name. */
export type MetricShape = 'scalar' | 'scalar+classes' | 'classes×classes';

/** What must be there beside features and labels. */
export type MetricNeed = 'clean means' | 'weights' | 'predictions' | 'logits' | 'adaptive attack';

export interface MetricSource {
  /** `code`: as in the paper's public code; `lit`: other literature; `ours`: our own definition. */
  readonly kind: 'code' | 'lit' | 'ours';
  readonly reference: string;
}

export interface MetricEntry {
  readonly label: string;
  readonly formula: string;
  /** Empty for a pure number. */
  readonly unit: string;
  readonly range: readonly [min: number, max: number];
  /** Its value at exact collapse of clean (and, with clean means, equally placed perturbed) features; null where collapse fixes none. */
  readonly atCollapse: number | null;
  readonly source: MetricSource;
  readonly shape: MetricShape;
  readonly needs: readonly MetricNeed[];
  /** How to plot it. */
  readonly scale: 'linear' | 'log';
}

const code: MetricSource = { kind: 'code', reference: 'Su, Zhang, Tsilivis, Kempe, arXiv 2311.07444, authors’ public code' };
const ours: MetricSource = { kind: 'ours', reference: 'ncsweep docs/collapse.md' };
const literature = (reference: string): MetricSource => ({ kind: 'lit', reference });

const positive = { unit: '', range: [0, Infinity], atCollapse: 0, shape: 'scalar', needs: [], scale: 'log' } as const;
const share = { unit: '', range: [0, 1], atCollapse: 1, shape: 'scalar', needs: [], scale: 'linear' } as const;
const cosine = {
  unit: '',
  range: [-1, 1],
  atCollapse: 1,
  source: ours,
  shape: 'scalar',
  needs: ['clean means'],
  scale: 'linear',
} as const;
const angle = { unit: '°', range: [0, 180], atCollapse: 0, shape: 'scalar+classes', scale: 'linear' } as const;

const withinClass = {
  nc1: { ...positive, label: 'NC1', formula: 'Tr(Sigma_W Sigma_B⁺), not divided by K', source: code },
  nc1_per_class: { ...positive, label: 'NC1 / K', formula: 'nc1 / K', source: code },
  nc1_quotient: {
    ...positive,
    label: 'NC1 quotient',
    formula: 'Tr Sigma_W / Tr Sigma_B',
    source: literature('Tirer, Huang, Niles-Weed, arXiv 2210.16658'),
  },
  cdnv: {
    ...positive,
    label: 'CDNV',
    formula: 'mean over pairs of classes of (v_i + v_j) / (2 ‖mu_i − mu_j‖²), v_c = mean over class c of ‖h − mu_c‖²',
    source: literature('Galanti, György, Hutter, arXiv 2112.15121'),
  },
  separation: {
    ...positive,
    label: 'separation D',
    formula: 'Tr(SS_W SS_B⁺), class means weighted by class size; equal to nc1 when classes are balanced',
    source: literature('He, Su, arXiv 2210.17020'),
  },
  sigma_b_rank: {
    ...positive,
    label: 'rank of Sigma_B',
    formula: 'number of eigenvalues above 1e−10 of the largest; K − 1 is full',
    atCollapse: null,
    source: ours,
    scale: 'linear',
  },
  sigma_b_condition: {
    ...positive,
    label: 'condition of Sigma_B',
    formula: 'largest over smallest eigenvalue counted in the rank; nc1 is noise when it explodes',
    range: [1, Infinity],
    atCollapse: 1,
    source: ours,
  },
} as const satisfies Record<string, MetricEntry>;

const simplex = {
  nc2_equinorm_means: { ...positive, label: 'NC2 norms, means', formula: 'std_c ‖m_c‖ / mean_c ‖m_c‖, ddof = 1', source: code },
  nc2_equinorm_weights: {
    ...positive,
    label: 'NC2 norms, weights',
    formula: 'std_c ‖w_c‖ / mean_c ‖w_c‖, ddof = 1, rows of W not centred',
    source: code,
    needs: ['weights'],
  },
  nc2_equiangular_means: {
    ...positive,
    label: 'NC2 angles, means',
    formula: 'mean over i ≠ j of |cos(m_i, m_j) + 1/(K−1)|',
    range: [0, 2],
    source: code,
  },
  nc2_equiangular_weights: {
    ...positive,
    label: 'NC2 angles, weights',
    formula: 'mean over i ≠ j of |cos(w_i, w_j) + 1/(K−1)|, rows of W not centred',
    range: [0, 2],
    source: code,
    needs: ['weights'],
  },
  nc2_cosines: {
    ...cosine,
    label: 'cosines of centred class means',
    formula: 'cos(m_i, m_j); −1/(K−1) off the diagonal at collapse',
    atCollapse: null,
    source: code,
    shape: 'classes×classes',
    needs: [],
  },
  nc3: {
    ...positive,
    label: 'NC3',
    formula: '‖Wᵀ/‖W‖_F − M/‖M‖_F‖_F², last layer only',
    range: [0, 4],
    source: code,
    needs: ['weights'],
  },
} as const satisfies Record<string, MetricEntry>;

const alignment = {
  simplex_angle: {
    ...angle,
    label: 'angle clean↔perturbed simplex',
    formula: 'arccos of the cosine of m_c and m′_c, each centred by its own mu_G',
    source: code,
    needs: ['clean means'],
  },
  mean_angle: {
    ...angle,
    label: 'angle clean↔perturbed means',
    formula: 'arccos of the cosine of mu_c and mu′_c, not centred',
    source: code,
    needs: ['clean means'],
  },
  mean_distance: {
    ...positive,
    label: 'distance clean↔perturbed means',
    formula: '‖mu_c − mu′_c‖',
    unit: 'feature units',
    source: code,
    shape: 'scalar+classes',
    needs: ['clean means'],
  },
  split_half_angle: {
    ...angle,
    label: 'split-half angle',
    formula:
      'angle between the centred class means of the even and of the odd samples of each class: noise floor of simplex_angle',
    source: ours,
    needs: [],
  },
} as const satisfies Record<string, MetricEntry>;

const nearestMean = {
  nc4_own: {
    ...share,
    label: 'NC4, own means',
    formula: '1 − P(nearest mu_c = network prediction)',
    atCollapse: 0,
    source: code,
    needs: ['predictions'],
  },
  nc4_clean: {
    ...share,
    label: 'NC4, clean means',
    formula: '1 − P(nearest mu′_c = network prediction)',
    atCollapse: 0,
    source: ours,
    needs: ['clean means', 'predictions'],
  },
  ncc_accuracy_clean_means: {
    ...share,
    label: 'NCC accuracy, clean means',
    formula: 'P(nearest mu′_c = y)',
    source: ours,
    needs: ['clean means'],
  },
  ncc_accuracy_own_means: { ...share, label: 'NCC accuracy, own means', formula: 'P(nearest mu_c = y)', source: ours },
  adaptive_ncc_accuracy: {
    ...share,
    label: 'NCC accuracy, adaptive attack',
    formula: 'P(nearest mu′_c = y) under an attack on that nearest-mean classifier itself',
    atCollapse: null,
    source: ours,
    needs: ['clean means', 'adaptive attack'],
  },
} as const satisfies Record<string, MetricEntry>;

const leaping = {
  leap_rate: {
    ...share,
    label: 'leap rate',
    formula: 'P(nearest mu′_c ≠ y)',
    atCollapse: 0,
    source: ours,
    needs: ['clean means'],
  },
  leap_matrix: {
    ...share,
    label: 'leap matrix',
    formula: 'row i, column j: P(nearest mu′_c = j given y = i)',
    atCollapse: null,
    source: ours,
    shape: 'classes×classes',
    needs: ['clean means'],
  },
  leap_cos_nearest: {
    ...cosine,
    label: 'class mean to nearest clean vertex',
    formula: 'max over j of cos(mu_c − mu′_G, m′_j)',
    shape: 'scalar+classes',
  },
  leap_cos_true: {
    ...cosine,
    label: 'class mean to own clean vertex',
    formula: 'cos(mu_c − mu′_G, m′_c)',
    shape: 'scalar+classes',
  },
  leap_example_cos_nearest: {
    ...cosine,
    label: 'example to nearest clean vertex',
    formula: 'mean over examples of max over j of cos(h − mu′_G, m′_j)',
  },
  leap_example_cos_true: {
    ...cosine,
    label: 'example to own clean vertex',
    formula: 'mean over examples of cos(h − mu′_G, m′_y)',
  },
} as const satisfies Record<string, MetricEntry>;

const network = {
  accuracy: { ...share, label: 'accuracy', formula: 'P(network prediction = y)', source: code, needs: ['predictions'] },
  loss: {
    ...positive,
    label: 'cross-entropy',
    formula: 'mean of −log softmax(logits)_y',
    unit: 'nats',
    source: code,
    needs: ['logits'],
  },
} as const satisfies Record<string, MetricEntry>;

/** Every record name of `metrics.parquet` and `results.csv`. */
export const metricDictionary = {
  ...network,
  ...withinClass,
  ...simplex,
  ...alignment,
  ...nearestMean,
  ...leaping,
} as const satisfies Record<string, MetricEntry>;

export type MetricName = keyof typeof metricDictionary;
