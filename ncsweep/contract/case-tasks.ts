/** The tasks on which compute programs are tried, and those whose results are known from float64. */
import { documentOf, type DecodedData } from '@ncsweep/catalog/compute/document';
import { repeatsScience } from '@ncsweep/catalog/compute/science';
import type { AttackParams } from '@ncsweep/catalog/attacks';
import type { KnownTask } from '@ncsweep/catalog/known-task';
import type { Lineage, TrainRecipe } from '@ncsweep/catalog/params';
import { sha256 } from '@ncsweep/protocol/canonical';
import type { AttackStart, EvaluateTask, TaskDocument, TrainTask } from '@ncsweep/protocol/compute/task-document';
import { caseClasses, caseImage } from './case-data.ts';

/** Cells of the cases. Real ids would reveal more than a program may use. */
export const cellNamed = (name: string): string => sha256(name);
export const snapshotCellOf = (epoch: number): string => cellNamed(`snapshot ${epoch}`);
/** The cell with given weights, and the clean evaluation with their class means. */
export const givenSnapshot = cellNamed('given snapshot');
export const givenMeans = cellNamed('given means');

const standard: TrainRecipe = {
  kind: 'train',
  loss: 'ce',
  attack: null,
  beta: 0,
  batchNorm: 'train',
  epochs: 2,
  batchSize: 8,
  learningRate: 0.05,
  momentum: 0.9,
  weightDecay: 0.01,
  schedule: 'cosine',
};

/** All examples in one batch, so that each epoch is one step. */
const oneStep = { batchSize: 20, epochs: 1, schedule: 'constant' } as const;
const linf = {
  norm: 'linf',
  epsilon: '8/255',
  steps: 2,
  stepSize: { kind: 'relative', value: '1/2' },
  randomStart: true,
} as const;
const l2 = { ...linf, norm: 'l2', epsilon: '1/2' } as const;

const convnet: Lineage['architecture'] = { name: 'convnet', width: 4, depth: 3 };
const resnet: Lineage['architecture'] = { name: 'preact-resnet18', width: 2, depth: 8 };
const mlp: Lineage['architecture'] = { name: 'mlp', width: 6, depth: 2 };

const dataset: Lineage['dataset'] = {
  name: 'arrays',
  digest: sha256('contract'),
  classes: [],
  trainPerClass: 0,
  testPerClass: 0,
  shape: [...caseImage],
};

const common = {
  v: 1,
  kind: 'task',
  taskId: sha256('contract task'),
  sweep: 'contract',
  numerics: { backend: 'wasm', batchSize: 5 },
  deadlineMs: 600_000,
  checkpointEveryMs: 600_000,
  sources: {},
} as const;

type Nodes = TaskDocument['network']['nodes'];

/** At kinks of ReLU, float32 and float64 differ in single numbers; a smooth activation compares what matters. */
const smoothed = (nodes: Nodes): Nodes =>
  nodes.map((node) => {
    if (node.kind === 'activation') return { ...node, fn: 'softplus' };
    return node.kind === 'residual' ? { ...node, body: smoothed(node.body), shortcut: smoothed(node.shortcut) } : node;
  });

const smooth = <T extends TaskDocument>(document: T): T => ({
  ...document,
  network: { ...document.network, nodes: smoothed(document.network.nodes) },
});

/** Examples of the classes 0, 1, 2, 0, … are shown so often, and epochs are as much longer. */
function repeating(task: TrainTask, repeats: readonly number[]): TrainTask {
  const { count } = task.data.train;
  const shown = Array.from({ length: count }, (_, i) => repeats[i % caseClasses]!).reduce((a, b) => a + b);
  const stepsPerEpoch = Math.ceil(shown / task.training.batchSize);
  return {
    ...task,
    science: { ...task.science, ...repeatsScience },
    training: { ...task.training, repeats: [...repeats], stepsPerEpoch },
    cells: task.cells.map((cell) => ({ ...cell, step: cell.epoch * stepsPerEpoch })),
  };
}

export interface TrainCase {
  /** Where the training's attack starts, overriding the loss. */
  readonly start?: AttackStart;
  readonly recipe?: Partial<TrainRecipe>;
  readonly architecture?: Lineage['architecture'];
  readonly epochs?: readonly number[];
  readonly seed?: number;
  /** How often an epoch shows each example of a class. */
  readonly repeats?: readonly number[];
}

export function trainCase(
  decoded: DecodedData,
  { recipe = {}, architecture = convnet, epochs, seed = 3, start, repeats }: TrainCase,
): TrainTask {
  const whole = { ...standard, ...recipe } as TrainRecipe;
  const wanted = epochs ?? [whole.epochs];
  const task: KnownTask = {
    ...common,
    class: 'train',
    lineage: { dataset, architecture, recipe: whole, seed },
    cells: wanted.map((epoch) => ({ kind: 'snapshot', cellId: snapshotCellOf(epoch), epoch })),
  };
  const once = smooth(documentOf(task, decoded) as TrainTask);
  const document = repeats === undefined ? once : repeating(once, repeats);
  const { training } = document;
  if (start === undefined || training.attack === null) return document;
  return { ...document, training: { ...training, attack: { ...training.attack, start } } };
}

export function evaluateCase(decoded: DecodedData, attack: AttackParams, epsilons: readonly string[]): EvaluateTask {
  const inputs = attack.kind === 'none' ? [givenSnapshot] : [givenSnapshot, givenMeans];
  const task: KnownTask = {
    ...common,
    class: 'evaluate',
    lineage: { dataset, architecture: convnet, recipe: standard, seed: 3 },
    cells: epsilons.map((epsilon) => ({
      kind: 'evaluate',
      cellId: cellNamed(`${JSON.stringify(attack)} ${epsilon}`),
      params: { attack, epsilon, split: 'test' },
      inputs,
    })),
  };
  return smooth(documentOf(task, decoded) as EvaluateTask);
}

/** Trainings whose weights are known, by name. */
export const goldenTrainings = {
  'one step': { recipe: oneStep },
  'two epochs with momentum, decay, small last batches and a cosine': {},
  'one step with fixed batch norm': { recipe: { ...oneStep, batchNorm: 'eval' } },
  'one step on PGD in Linf': { recipe: { ...oneStep, attack: linf } },
  'one step on PGD in L2': { recipe: { ...oneStep, attack: l2 } },
  // Near the clean image, KL's gradient is a difference of almost equal numbers, of which float32 keeps few digits: so it starts further away.
  'one step of TRADES': {
    start: { kind: 'normal', deviation: 0.2 },
    recipe: { ...oneStep, loss: 'trades', beta: 3, attack: { ...l2, steps: 1, epsilon: '3/2' } },
  },
  'one step of a residual network': { recipe: oneStep, architecture: resnet },
  'one step of a network of dense layers': { recipe: oneStep, architecture: mlp },
  'steps of a schedule': { recipe: { epochs: 3, batchSize: 20, schedule: 'paper' } },
  'one step of the mean squared error': { recipe: { ...oneStep, loss: 'mse' } },
  'one step of spectral decoupling on PGD': { recipe: { ...oneStep, loss: 'spectral-decoupling', lambda: 0.3, attack: linf } },
  'epochs that show a class three times': { recipe: { schedule: 'constant' }, repeats: [1, 1, 3] },
} as const satisfies Readonly<Record<string, TrainCase>>;

const pgd = {
  kind: 'pgd',
  norm: 'linf',
  steps: 3,
  stepSize: { kind: 'relative', value: '1/4' },
  restarts: 1,
  randomStart: true,
  objective: 'ce',
  target: 'none',
} as const;

/** Attacks whose images are known, by name; each at the budget beside it. */
export const goldenAttacks = {
  'PGD in Linf': [pgd, '8/255'],
  'PGD in L2 from a direction': [{ ...pgd, norm: 'l2' }, '1/2'],
  'PGD in L2 from the ball': [{ ...pgd, norm: 'l2', start: 'ball' }, '1/2'],
  'PGD from the clean image': [{ ...pgd, randomStart: false }, '8/255'],
  'the best of three restarts': [{ ...pgd, restarts: 3, steps: 1 }, '8/255'],
  'targeted PGD': [{ ...pgd, target: 'next-class' }, '8/255'],
  FGSM: [{ kind: 'fgsm', target: 'none' }, '8/255'],
  'targeted FGSM': [{ kind: 'fgsm', target: 'next-class' }, '8/255'],
  'sign noise': [{ kind: 'sign-noise' }, '8/255'],
  'sphere noise': [{ kind: 'sphere-noise' }, '1/1'],
  'Gaussian noise': [{ kind: 'gaussian-noise' }, '8/255'],
  // On ce, because the ratio is constant where the true class is third, of three; in budgets where no two iterates differ by rounding only.
  'Auto-PGD in Linf': [{ kind: 'apgd', norm: 'linf', steps: 6, restarts: 2, objective: 'ce' }, '32/255'],
  'Auto-PGD in L2': [{ kind: 'apgd', norm: 'l2', steps: 10, restarts: 1, objective: 'ce' }, '2/1'],
} as const satisfies Readonly<Record<string, readonly [AttackParams, string]>>;

/** The attack on each view's nearest-class-mean classifier. */
export const adaptiveAttack = { ...pgd, objective: 'ncc' } as const satisfies AttackParams;

export const clean = { kind: 'none' } as const satisfies AttackParams;

/** Documents of everything whose result is known. */
export const goldenDocuments = (decoded: DecodedData): Readonly<Record<string, TaskDocument>> => ({
  ...Object.fromEntries(Object.entries(goldenTrainings).map(([name, each]) => [name, trainCase(decoded, each)])),
  'clean images': evaluateCase(decoded, clean, ['0/1']),
  ...Object.fromEntries(
    Object.entries(goldenAttacks).map(([name, [attack, epsilon]]) => [name, evaluateCase(decoded, attack, [epsilon])]),
  ),
});
