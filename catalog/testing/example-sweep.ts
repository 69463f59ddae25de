/** A sweep like the quickstart, for tests of this package and of the report: every claim is decidable until a test removes something. */
import type { CatalogAttack, Perturbing, TrainingAttack } from '../attacks.ts';
import type { CatalogLoss } from '../losses.ts';
import type { RecipeParams, TrainRecipe } from '../params.ts';
import type { Grid, Named, Sweep } from '../sweep.ts';

const eps = (label: string) => ({ label, value: label === '0' ? '0/1' : label });

export const pgd = (name: string, change: Partial<CatalogAttack<'pgd'>> = {}): Named<Perturbing> => ({
  name,
  params: {
    kind: 'pgd',
    norm: 'linf',
    steps: 10,
    stepSize: { kind: 'relative', value: '1/4' },
    restarts: 1,
    randomStart: true,
    objective: 'ce',
    target: 'none',
    ...change,
  },
});

export const attack: TrainingAttack = {
  norm: 'linf',
  epsilon: '8/255',
  steps: 3,
  stepSize: { kind: 'relative', value: '5/6' },
  randomStart: true,
};

export const recipe = (
  change: Partial<TrainRecipe<CatalogLoss<'ce'>>> | Partial<TrainRecipe<CatalogLoss<'trades'>>> = {},
): RecipeParams =>
  ({
    kind: 'train',
    loss: 'ce',
    attack: null,
    beta: 0,
    batchNorm: 'train',
    epochs: 60,
    batchSize: 50,
    learningRate: 0.1,
    momentum: 0.9,
    weightDecay: 0.01,
    schedule: 'cosine',
    ...change,
  }) as RecipeParams;

export const grid = (name: string, change: Partial<Grid>): Grid => ({
  name,
  epochs: ['last'],
  attacks: [],
  epsilons: [eps('0')],
  layers: ['all'],
  poolings: ['flatten'],
  splits: ['train'],
  labels: ['given'],
  only: [],
  exclude: [],
  zip: [],
  ...change,
});

const sign: Named<Perturbing> = { name: 'sign', params: { kind: 'sign-noise' } };

export const exampleSweep: Sweep = {
  name: 'example',
  question: 'Does neural collapse survive small attacks, and does adversarial training keep it?',
  datasets: [
    {
      name: 'prototypes',
      params: { name: 'prototypes', digest: 'd'.repeat(64), classes: 5, trainPerClass: 100, testPerClass: 40, imageSize: 16 },
    },
  ],
  architectures: [{ name: 'convnet', params: { name: 'convnet', width: 16, depth: 4 } }],
  trainings: [
    { name: 'plain', params: recipe() },
    { name: 'robust', params: recipe({ attack }) },
  ],
  seeds: [1, 2, 3],
  snapshots: [],
  grids: [
    grid('robustness', {
      attacks: [pgd('pgd10'), { name: 'fgsm', params: { kind: 'fgsm', target: 'none' } }, sign],
      epsilons: ['0', '2/255', '4/255', '8/255', '16/255', '64/255'].map(eps),
      poolings: ['flatten', 'gap'],
      splits: ['train', 'test'],
    }),
    grid('over-training', { epochs: [0, 1, 10, 30, 'last'], attacks: [pgd('pgd10')], epsilons: ['0', '8/255'].map(eps) }),
    grid('adaptive', {
      attacks: [
        pgd('ncc-pgd10', { objective: 'ncc' }),
        pgd('ncc-pgd20', { objective: 'ncc', steps: 20 }),
        pgd('ncc-dlr-pgd10', { objective: 'ncc-dlr' }),
      ],
      epsilons: [eps('8/255')],
    }),
    grid('strength', { attacks: [pgd('pgd50', { steps: 50 })], epsilons: [eps('8/255')], layers: ['last'] }),
  ],
  execution: {
    parallelism: 2,
    backend: 'wasm',
    evaluationBatchSize: 100,
    retries: {},
    attemptDeadlineMs: 600_000,
    checkpointEveryMs: 10_000,
  },
  report: { claims: ['su2023'], confidence: 0.95 },
  sources: {},
};
