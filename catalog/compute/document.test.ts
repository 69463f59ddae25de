import { readFile, readdir } from 'node:fs/promises';
import { computeSchemas } from '@ncsweep/protocol/compute/schemas';
import { taskDocument, type TaskDocument } from '@ncsweep/protocol/compute/task-document';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { evaluateCell, snapshotCell } from '../cell.ts';
import type { AttackParams } from '../attacks.ts';
import type { KnownTask } from '../known-task.ts';
import type { Lineage, TrainRecipe } from '../params.ts';
import { documentOf, type DecodedData } from './document.ts';
import { wholeScience } from './science.ts';

const sha = 'd'.repeat(64);
const array = (dtype: 'uint8' | 'float32' | 'int32', ...shape: number[]) => ({ path: '/data/a.npy', dtype, shape, sha256: sha });
const split = (count: number) => ({ count, images: array('float32', count, 8, 8, 1), labels: array('int32', count) });
const decoded: DecodedData = {
  data: { key: sha, classes: 3, image: [8, 8, 1], train: split(30), test: split(15) },
  sideLabels: { train: {}, test: {} },
};

const recipe: TrainRecipe = {
  kind: 'train',
  loss: 'ce',
  attack: null,
  beta: 0,
  batchNorm: 'train',
  epochs: 8,
  batchSize: 8,
  learningRate: 0.05,
  momentum: 0.9,
  weightDecay: 0.001,
  schedule: 'cosine',
};
const attack = {
  norm: 'linf',
  epsilon: '8/255',
  steps: 2,
  stepSize: { kind: 'relative', value: '5/6' },
  randomStart: true,
} as const;
const lineageOf = (
  trained: TrainRecipe,
  architecture: Lineage['architecture'] = { name: 'convnet', width: 4, depth: 3 },
): Lineage => ({
  dataset: { name: 'prototypes', digest: sha, classes: 3, trainPerClass: 10, testPerClass: 5, imageSize: 8 },
  architecture,
  recipe: trained,
  seed: 1,
});
const numerics = { backend: 'wasm', batchSize: 16 } as const;
const common = {
  v: 1,
  kind: 'task',
  taskId: sha,
  sweep: 's',
  numerics,
  deadlineMs: 1,
  checkpointEveryMs: 7,
  sources: {},
} as const;

function trainTask(trained: TrainRecipe, architecture?: Lineage['architecture']): KnownTask {
  const lineage = lineageOf(trained, architecture);
  const cells = [1, 8].map((epoch) => ({
    kind: 'snapshot' as const,
    cellId: snapshotCell({ ...lineage, epoch }, 'wasm').cellId,
    epoch,
  }));
  return { ...common, class: 'train', lineage, cells };
}

function evaluateTask(params: AttackParams, epsilons: readonly string[]): KnownTask {
  const inputs = params.kind === 'none' ? [sha] : [sha, 'e'.repeat(64)];
  const cells = epsilons.map((epsilon) => {
    const of = { attack: params, epsilon, split: 'test' as const };
    return { kind: 'evaluate' as const, cellId: evaluateCell(of, inputs, numerics).cellId, params: of, inputs };
  });
  return { ...common, class: 'evaluate', lineage: lineageOf(recipe), cells };
}

const pgd = {
  kind: 'pgd',
  norm: 'l2',
  steps: 3,
  stepSize: { kind: 'relative', value: '1/4' },
  restarts: 2,
  randomStart: true,
  objective: 'ce',
  target: 'none',
} as const;

const tasks: readonly (readonly [string, KnownTask])[] = [
  ['standard training', trainTask(recipe)],
  ['adversarial training', trainTask({ ...recipe, attack, schedule: 'paper' })],
  ['TRADES', trainTask({ ...recipe, loss: 'trades', beta: 6, attack, schedule: 'constant' })],
  ['training of a residual network', trainTask(recipe, { name: 'preact-resnet18', width: 4, depth: 8 })],
  ['a clean evaluation', evaluateTask({ kind: 'none' }, ['0/1'])],
  ['PGD', evaluateTask(pgd, ['1/2', '1/1'])],
  ['an adaptive attack', evaluateTask({ ...pgd, norm: 'linf', objective: 'ncc' }, ['8/255'])],
  ['targeted FGSM', evaluateTask({ kind: 'fgsm', target: 'next-class' }, ['8/255'])],
  ['noise', evaluateTask({ kind: 'sphere-noise' }, ['1/2'])],
];
const written = (task: KnownTask): TaskDocument => documentOf(task, decoded)!;
const trained = (task: KnownTask) => {
  const document = written(task);
  if (document.kind !== 'train') throw new TypeError('no training');
  return document;
};
const evaluated = (task: KnownTask) => {
  const document = written(task);
  if (document.kind !== 'evaluate') throw new TypeError('no evaluation');
  return document;
};

const text = (file: string): Promise<string> => readFile(new URL(`../../${file}`, import.meta.url), 'utf8');
const schemas = computeSchemas();
const validate = new Ajv2020({ strictTuples: false }).compile(JSON.parse(schemas.get('task')!) as object);

describe('the schemas of the compute protocol', () => {
  it('are those of protocol/compute/schemas; else run `node scripts/write-schema.ts`', async () => {
    for (const [name, schema] of schemas) expect(await text(`protocol/compute/schemas/${name}.schema.json`), name).toBe(schema);
    const files = await readdir(new URL('../../protocol/compute/schemas', import.meta.url));
    expect(files.sort()).toEqual([...schemas.keys()].map((name) => `${name}.schema.json`).sort());
  });
});

describe.each(tasks)('the document of %s', (_, task) => {
  const sent = JSON.parse(JSON.stringify(written(task))) as Record<string, unknown>;

  it('survives JSON and its decoder, and fits its schema', () => {
    expect(taskDocument.parse(sent)).toEqual(written(task));
    expect(validate(sent), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...sent, v: 2 })).toBe(false);
  });

  it('asks for science that we have, in our version', () => {
    expect(wholeScience()).toMatchObject(written(task).science);
    expect(Object.keys(written(task).science).length).toBeGreaterThan(5);
  });
});

describe('a document', () => {
  it('has budgets, steps and schedules as numbers', () => {
    const { training, cells } = trained(trainTask({ ...recipe, attack, schedule: 'paper' }));
    expect(training.attack).toMatchObject({
      epsilon: 8 / 255,
      stepSize: (8 / 255) * (5 / 6),
      start: { kind: 'box' },
      objective: 'ce',
    });
    expect([training.stepsPerEpoch, cells.map(({ step }) => step)]).toEqual([4, [4, 32]]);
    expect(training.schedule).toEqual({
      kind: 'steps',
      rates: [
        { from: 0, rate: 0.05 },
        { from: 8, rate: 0.05 * 0.1 },
        { from: 12, rate: 0.05 * 0.01 },
      ],
    });
    const { cells: perturbed } = evaluated(evaluateTask(pgd, ['1/2', '1/1']));
    expect(perturbed.map(({ epsilon, stepSize }) => [epsilon, stepSize])).toEqual([
      [0.5, 0.125],
      [1, 0.25],
    ]);
  });

  it('changes the rate where the share of a training does, whatever the number of steps', () => {
    for (let epochs = 1; epochs < 40; epochs++) {
      const { training } = trained(trainTask({ ...recipe, epochs, batchSize: 7, schedule: 'paper' }));
      if (training.schedule.kind !== 'steps') throw new TypeError('no steps');
      const steps = epochs * training.stepsPerEpoch;
      for (let step = 0; step < steps; step++) {
        const { rate } = training.schedule.rates.findLast(({ from }) => from <= step)!;
        expect(rate).toBe(0.05 * (step / steps < 0.25 ? 1 : step / steps < 0.375 ? 0.1 : 0.01));
      }
    }
  });

  it('lets the loss say where its attack starts and what it climbs', () => {
    const { training } = trained(trainTask({ ...recipe, loss: 'trades', beta: 6, attack }));
    expect(training.loss).toEqual({ name: 'trades', beta: 6 });
    expect(training.attack).toMatchObject({ start: { kind: 'normal', deviation: 0.001 }, objective: 'kl' });
  });

  it('has every parameter in the stored layout, with the draws that make it', () => {
    const { network } = written(trainTask(recipe));
    for (const { name, shape, init } of network.parameters) {
      if (init.kind === 'constant') continue;
      expect(
        init.axes.map((axis) => init.drawShape[axis]),
        name,
      ).toEqual(shape);
    }
    expect(network.parameters[0]).toEqual({
      name: 'conv1.weight',
      shape: [4, 1, 3, 3],
      trainable: true,
      init: { kind: 'uniform', bound: 1 / 3, drawShape: [3, 3, 1, 4], axes: [3, 2, 0, 1] },
    });
  });

  it('names each view with its length, and those that share features', () => {
    const { evaluation } = evaluated(evaluateTask({ ...pgd, objective: 'ncc' }, ['1/2']));
    const views = evaluation.views.map(({ layer, pooling, dimension, head }) => [`${layer}/${pooling}`, dimension, head]);
    expect(views).toEqual([
      ['input/flatten', 64, 'input/flatten'],
      ['input/gap', 1, 'input/gap'],
      ['conv1/flatten', 256, 'conv1/flatten'],
      ['conv1/gap', 4, 'conv1/gap'],
      ['conv2/flatten', 128, 'conv2/flatten'],
      ['conv2/gap', 8, 'conv2/gap'],
      ['conv3/flatten', 64, 'conv3/flatten'],
      ['conv3/gap', 16, 'conv3/gap'],
      ['gap/flatten', 16, 'conv3/gap'],
    ]);
  });
});
