import * as tf from '@tensorflow/tfjs-core';
import { metricDictionary } from '@ncsweep/catalog/metrics';
import type { AttackParams, TrainingAttack } from '@ncsweep/catalog/attacks';
import { decodeSafetensors, encodeSafetensors, type NamedTensor } from '@ncsweep/protocol/safetensors';
import type { MetricLine } from '@ncsweep/protocol/tables';
import { parquetReadObjects } from 'hyparquet';
import { beforeAll, describe, expect, it } from 'vitest';
import { openTestBackend } from './testing/test-backend.ts';
import { runPlanned as runTask } from './testing/run-planned.ts';
import { TaskFailure } from './task-io.ts';
import {
  adversarial,
  evaluateTaskOf,
  MemoryIo,
  snapshotId,
  standard,
  tinyLineage,
  trainTaskOf,
  type TrainRecipe,
} from './testing/tasks.ts';

beforeAll(openTestBackend);

const trades: TrainRecipe = {
  ...adversarial,
  loss: 'trades',
  beta: 6,
  attack: { ...adversarial.attack!, stepSize: { kind: 'absolute', value: '2/255' } },
};
const pgd: AttackParams = {
  kind: 'pgd',
  norm: 'linf',
  steps: 3,
  stepSize: { kind: 'relative', value: '1/2' },
  restarts: 2,
  randomStart: true,
  objective: 'ce',
  target: 'none',
};
const clean: AttackParams = { kind: 'none' };

const linesOf = async (io: MemoryIo, cellId: string): Promise<MetricLine[]> => {
  const bytes = io.artifact(cellId, 'metrics.parquet');
  return (await parquetReadObjects({ file: new Uint8Array(bytes).buffer })) as unknown as MetricLine[];
};

describe('training', () => {
  it.each([
    ['ST', standard],
    ['AT', adversarial],
    ['TRADES', trades],
    ['ST with fixed batch norm', { ...standard, batchNorm: 'eval' as const }],
  ])('%s: stopped at any point and resumed, it gives the same bytes', async (_, recipe) => {
    const lineage = tinyLineage(recipe);
    const whole = new MemoryIo();
    await runTask(trainTaskOf(lineage, [0, 1, 4]), whole);
    expect([...whole.results.keys()]).toEqual([0, 1, 4].map((epoch) => snapshotId(lineage, epoch)));
    for (const stopAt of [4, 11, 17]) {
      const io = new MemoryIo();
      io.stopAt = stopAt;
      await expect(runTask(trainTaskOf(lineage, [0, 1, 4]), io)).rejects.toThrow(TaskFailure);
      const again = new MemoryIo();
      io.results.forEach((outcome, id) => again.results.set(id, outcome));
      io.checkpoints.forEach((checkpoint, id) => again.checkpoints.set(id, checkpoint));
      await runTask(trainTaskOf(lineage, [0, 1, 4]), again);
      for (const [id, outcome] of whole.results) {
        expect(again.results.get(id)!.artifacts).toEqual(outcome.artifacts);
        expect(again.results.get(id)!.scalars).toEqual(outcome.scalars);
      }
    }
  });

  it('a later epoch starts from the committed snapshot and gives the same bytes', async () => {
    const lineage = tinyLineage(standard);
    const whole = new MemoryIo();
    await runTask(trainTaskOf(lineage, [4]), whole);
    const parts = new MemoryIo();
    await runTask(trainTaskOf(lineage, [2]), parts);
    const startFrom = { cellId: snapshotId(lineage, 2), epoch: 2 };
    await runTask(trainTaskOf(lineage, [4], { startFrom }), parts);
    expect(parts.results.get(snapshotId(lineage, 4))!.artifacts).toEqual(whole.results.get(snapshotId(lineage, 4))!.artifacts);
    expect(parts.progressed.length).toBe(whole.progressed.length);
  });

  it('starts its attacks where the recipe says', async () => {
    const weightsOf = async (attack: Partial<TrainingAttack>): Promise<Uint8Array> => {
      const recipe: TrainRecipe = { ...adversarial, attack: { ...adversarial.attack!, norm: 'l2', epsilon: '1/1', ...attack } };
      const io = new MemoryIo();
      await runTask(trainTaskOf(tinyLineage(recipe), [1]), io);
      return io.artifact(snapshotId(tinyLineage(recipe), 1), 'weights.safetensors');
    };
    const [direction, ball, image] = await Promise.all([
      weightsOf({}),
      weightsOf({ start: 'ball' }),
      weightsOf({ randomStart: false }),
    ]);
    expect(new Set([direction, ball, image].map((bytes) => Buffer.from(bytes).toString('base64'))).size).toBe(3);
  });

  it('draws another start in every step: at weights that stand still, only the start changes the loss', async () => {
    const still: TrainRecipe = {
      ...adversarial,
      batchNorm: 'eval',
      learningRate: 1e-30,
      weightDecay: 0,
      epochs: 2,
      batchSize: 30,
    };
    const lossesOf = async (attack: Partial<TrainingAttack>): Promise<number[]> => {
      const io = new MemoryIo();
      await runTask(trainTaskOf(tinyLineage({ ...still, attack: { ...still.attack!, ...attack } }), [2]), io);
      return io.progressed.map(({ values }) => values['loss']!);
    };
    for (const norm of ['linf', 'l2'] as const) {
      const [fixed, random] = await Promise.all([lossesOf({ norm, randomStart: false }), lossesOf({ norm })]);
      expect(fixed).toHaveLength(2);
      expect(Math.abs(fixed[1]! - fixed[0]!)).toBeLessThan(1e-6);
      expect(Math.abs(random[1]! - random[0]!)).toBeGreaterThan(1e-5);
    }
  });

  it('learns: the loss falls', async () => {
    const io = new MemoryIo();
    await runTask(trainTaskOf(tinyLineage({ ...standard, epochs: 10 }), [10]), io);
    const losses = io.progressed.map(({ values }) => values['loss']!);
    expect(losses.at(-1)!).toBeLessThan(losses[0]! / 2);
  });

  it('a diverging training fails as nonFiniteLoss, with its step', async () => {
    const failure: unknown = await runTask(
      trainTaskOf(tinyLineage({ ...standard, learningRate: 1e30 }), [4]),
      new MemoryIo(),
    ).catch((e: unknown) => e);
    expect(failure).toMatchObject({
      failureClass: 'nonFiniteLoss',
      cellId: snapshotId(tinyLineage({ ...standard, learningRate: 1e30 }), 4),
    });
    expect((failure as TaskFailure).atStep).toBeGreaterThan(0);
  });

  it('leaves no tensors behind', async () => {
    const run = (): Promise<void> => runTask(trainTaskOf(tinyLineage(adversarial), [1]), new MemoryIo());
    await run();
    const before = tf.memory().numTensors;
    await run();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('evaluation', () => {
  const lineage = tinyLineage({ ...standard, epochs: 10 });
  const trained = new MemoryIo();
  beforeAll(async () => {
    await runTask(trainTaskOf(lineage, [10]), trained);
    await runTask(evaluateTaskOf(lineage, 10, clean, ['0/1']), trained);
  });
  const evaluate = async (attack: AttackParams, epsilons: string[], batchSize?: number): Promise<Map<string, MetricLine[]>> => {
    const io = new MemoryIo();
    trained.results.forEach((outcome, id) => io.results.set(id, outcome));
    const task = evaluateTaskOf(lineage, 10, attack, epsilons, batchSize);
    for (const { cellId } of task.cells) io.results.delete(cellId);
    await runTask(task, io);
    const lines = await Promise.all(task.cells.map(({ cellId }) => linesOf(io, cellId)));
    return new Map(epsilons.map((epsilon, i) => [epsilon, lines[i]!]));
  };

  const attacks: readonly AttackParams[] = [
    { kind: 'fgsm', target: 'none' },
    pgd,
    { ...pgd, norm: 'l2' },
    { ...pgd, norm: 'l2', start: 'ball' },
    { ...pgd, target: 'next-class' },
    { ...pgd, objective: 'ncc', restarts: 1 },
    { ...pgd, objective: 'ncc', restarts: 1, norm: 'l2' },
    { kind: 'sign-noise' },
    { kind: 'sphere-noise' },
    { kind: 'gaussian-noise' },
  ];

  it.each(attacks)('an epsilon measured alone equals the one measured with others: %o', async (attack) => {
    const together = await evaluate(attack, ['2/255', '8/255']);
    const alone = await evaluate(attack, ['8/255']);
    expect(alone.get('8/255')).toEqual(together.get('8/255'));
  });

  it.each(attacks)('the batch size changes no number beyond rounding: %o', async (attack) => {
    const [small, large] = await Promise.all([evaluate(attack, ['8/255'], 7), evaluate(attack, ['8/255'], 30)]);
    const value = (lines: MetricLine[]): Map<string, number> =>
      new Map(lines.map((l) => [`${l.layer}/${l.pooling}/${l.labels}/${l.metric}/${l.row}/${l.col}`, l.value]));
    const expected = value(large.get('8/255')!);
    const accuracies = [...value(small.get('8/255')!)].filter(([key]) => key.includes('accuracy'));
    for (const [key, actual] of accuracies) expect(Math.abs(actual - expected.get(key)!), key).toBeLessThan(0.1);
  });

  it('emits only names of the dictionary, for every layer and pooling', async () => {
    const lines = [
      ...(await linesOf(trained, evaluateTaskOf(lineage, 10, clean, ['0/1']).cells[0]!.cellId)),
      ...(await evaluate(pgd, ['8/255'])).get('8/255')!,
    ];
    expect([...new Set(lines.map(({ metric }) => metric))].filter((name) => !(name in metricDictionary))).toEqual([]);
    const views = new Set(lines.filter(({ layer }) => layer !== '').map(({ layer, pooling }) => `${layer}/${pooling}`));
    expect([...views].sort()).toEqual([
      'conv1/flatten',
      'conv1/gap',
      'conv2/flatten',
      'conv2/gap',
      'conv3/flatten',
      'conv3/gap',
      'gap/flatten',
      'input/flatten',
      'input/gap',
    ]);
  });

  it('the strongest attack lowers accuracy below noise, and records its facts', async () => {
    const io = new MemoryIo();
    trained.results.forEach((outcome, id) => io.results.set(id, outcome));
    const task = evaluateTaskOf(lineage, 10, pgd, ['16/255']);
    const noise = evaluateTaskOf(lineage, 10, { kind: 'sign-noise' }, ['16/255']);
    await runTask(task, io);
    await runTask(noise, io);
    const { scalars } = io.results.get(task.cells[0]!.cellId)!;
    expect(scalars['accuracy']!).toBeLessThan(io.results.get(noise.cells[0]!.cellId)!.scalars['accuracy']!);
    expect(scalars['perturbation_max']!).toBeLessThanOrEqual(16 / 255 + 6e-8);
    expect(scalars['pixel_min']!).toBeGreaterThanOrEqual(0);
    expect(scalars['pixel_max']!).toBeLessThanOrEqual(1);
    expect(scalars['zero_gradient_share']!).toBe(0);
  });

  it.each(['ce', 'ncc', 'ncc-dlr'] as const)(
    'records where the gradient of %s is zero: everywhere in a dead network',
    async (objective) => {
      const shareOf = async (change: (tensor: NamedTensor) => NamedTensor): Promise<number> => {
        const io = new MemoryIo();
        trained.results.forEach((outcome, id) => io.results.set(id, outcome));
        const snapshot = io.results.get(snapshotId(lineage, 10))!;
        const artifacts = snapshot.artifacts.map(({ name, bytes }) =>
          name === 'weights.safetensors'
            ? { name, bytes: encodeSafetensors(decodeSafetensors(bytes, name).map(change)) }
            : { name, bytes },
        );
        io.results.set(snapshotId(lineage, 10), { ...snapshot, artifacts });
        const cleanTask = evaluateTaskOf(lineage, 10, clean, ['0/1']);
        io.results.delete(cleanTask.cells[0]!.cellId);
        await runTask(cleanTask, io);
        const task = evaluateTaskOf(lineage, 10, { ...pgd, objective }, ['2/255']);
        await runTask(task, io);
        return io.results.get(task.cells[0]!.cellId)!.scalars['zero_gradient_share']!;
      };
      const dead = (tensor: NamedTensor): NamedTensor =>
        tensor.name === 'conv1.weight' ? { ...tensor, data: tensor.data.map(() => 0) as Float32Array } : tensor;
      expect(await shareOf((tensor) => tensor)).toBeLessThan(0.5);
      expect(await shareOf(dead)).toBe(1);
    },
  );

  it.each(attacks)('says that the weights attacked are those measured: %o', async (attack) => {
    const io = new MemoryIo();
    trained.results.forEach((outcome, id) => io.results.set(id, outcome));
    const task = evaluateTaskOf(lineage, 10, attack, ['2/255']);
    await runTask(task, io);
    expect(io.results.get(task.cells[0]!.cellId)!.attackTiming).toBe('fresh');
    const unattacked = evaluateTaskOf(lineage, 10, clean, ['0/1']).cells[0]!.cellId;
    expect(io.results.get(unattacked)).not.toHaveProperty('attackTiming');
  });

  const scalarsOf = async (attack: AttackParams, epsilon: string): Promise<Readonly<Record<string, number>>> => {
    const io = new MemoryIo();
    trained.results.forEach((outcome, id) => io.results.set(id, outcome));
    const task = evaluateTaskOf(lineage, 10, attack, [epsilon]);
    await runTask(task, io);
    return io.results.get(task.cells[0]!.cellId)!.scalars;
  };

  it('measures each noise in its own norm: that of an L2 attack ends on its sphere', async () => {
    const epsilon = 64 / 255;
    const [sphere, sign, gaussian] = await Promise.all(
      (['sphere-noise', 'sign-noise', 'gaussian-noise'] as const).map((kind) => scalarsOf({ kind }, '64/255')),
    );
    expect(sphere!['perturbation_max']!).toBeLessThanOrEqual(epsilon * (1 + 1e-6));
    expect(sphere!['perturbation_max']!).toBeGreaterThan(0.98 * epsilon); // some pixels leave the box
    expect(Math.abs(sign!['perturbation_max']! - epsilon)).toBeLessThan(1e-6);
    expect(gaussian!['perturbation_max']!).toBeGreaterThan(1.5 * epsilon);
  });

  it.each(['64/255', '128/255', '256/255'])(
    'ten steps of L2 reach a higher loss from a random direction than from the ball, whose points lie on its surface (%s)',
    async (epsilon) => {
      const l2: AttackParams = { ...pgd, norm: 'l2', steps: 10, stepSize: { kind: 'relative', value: '15/128' }, restarts: 1 };
      const [direction, ball, noise] = await Promise.all(
        [l2, { ...l2, start: 'ball' } as const, { kind: 'sphere-noise' } as const].map((attack) => scalarsOf(attack, epsilon)),
      );
      expect(direction!['loss']!).toBeGreaterThan(1.05 * ball!['loss']!);
      expect(ball!['loss']!).toBeGreaterThan(noise!['loss']!);
    },
  );

  it.each(['linf', 'l2'] as const)('restarts are other starts: the best of them is better than the first (%s)', async (norm) => {
    const weak: AttackParams = { ...pgd, norm, steps: 1, stepSize: { kind: 'relative', value: '1/10' }, restarts: 1 };
    const [one, four] = await Promise.all([weak, { ...weak, restarts: 4 }].map((attack) => scalarsOf(attack, '16/255')));
    expect(four!['loss']!).toBeGreaterThan(one!['loss']! + 1e-3);
  });

  it('stops between batches when told to', async () => {
    const io = new MemoryIo();
    trained.results.forEach((outcome, id) => io.results.set(id, outcome));
    io.abort.abort();
    await expect(runTask(evaluateTaskOf(lineage, 10, pgd, ['4/255']), io)).rejects.toMatchObject({ failureClass: 'disruption' });
  });
});
