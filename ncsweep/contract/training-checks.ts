/** Trainings: initial weights, steps against float64, resuming, stopping. */
import type { TrainTask } from '@ncsweep/protocol/compute/task-document';
import { decodeSafetensors, type NamedTensor } from '@ncsweep/protocol/safetensors';
import { goldenTrainings, snapshotCellOf, trainCase, type TrainCase } from './case-tasks.ts';
import { check, demandClose, demandDone, demandEqualBytes, demandFailed, type Bench, type Check } from './check.ts';
import { demand } from './contract-error.ts';
import { initialParameter } from './initial-weights.ts';
import type { Commit, Outcome } from './session.ts';

const files = { weights: 'weights.safetensors', velocity: 'optimizer.safetensors' } as const;

function tensorsOf(commit: Commit | undefined, file: string): readonly NamedTensor[] {
  const bytes = commit?.artifacts.get(file);
  demand(bytes !== undefined, `no artifact ${file}`);
  return decodeSafetensors(bytes, file);
}

const valuesOf = (tensors: readonly NamedTensor[], name: string): NamedTensor => {
  const found = tensors.find((each) => each.name === name);
  demand(found !== undefined, `no tensor ${name}`);
  return found;
};

/** All numbers, in the order of the expected tensors. */
function joined(tensors: readonly NamedTensor[], order: readonly NamedTensor[]): { found: Float64Array; expected: Float64Array } {
  const pairs = order.map((each) => [valuesOf(tensors, each.name), each] as const);
  for (const [found, { name, shape }] of pairs)
    demand(
      found.shape.join() === shape.join(),
      `${name} has the shape (${found.shape.join(', ')}); expected (${shape.join(', ')})`,
    );
  return {
    found: Float64Array.from(pairs.flatMap(([{ data }]) => [...data])),
    expected: Float64Array.from(pairs.flatMap(([, { data }]) => [...data])),
  };
}

const trained = async (bench: Bench, task: TrainTask): Promise<Outcome> => demandDone(await (await bench.session()).run(task));
const lastCommit = (task: TrainTask, { commits }: Outcome): Commit | undefined => commits.get(task.cells.at(-1)!.cellId);

/** Of weights and momentum, as a fraction of the largest. */
const stepBound = 1e-5;

const goldenChecks = Object.entries<TrainCase>(goldenTrainings).map(([name, each], i): Check =>
  check(`step-${i + 1}`, `trains ${name} as float64 does`, async (bench) => {
    const task = trainCase(bench.decoded, each);
    const commit = lastCommit(task, await trained(bench, task));
    for (const [group, file] of Object.entries(files)) {
      const { found, expected } = joined(tensorsOf(commit, file), bench.golden.group(`${name}/${group}`));
      demandClose(group, found, expected, stepBound);
    }
  }),
);

/** Checkpoints at every opportunity. */
const oftenSaved = (task: TrainTask): TrainTask => ({ ...task, checkpointEveryMs: 1 });
const longer = (bench: Bench): TrainTask => trainCase(bench.decoded, { recipe: { epochs: 4 } });

const sameWeights = async (bench: Bench, what: string, found: Commit | undefined, expected: Commit): Promise<void> => {
  const { repeats } = (await bench.session()).ready;
  for (const file of Object.values(files)) {
    if (repeats === 'equal') demandEqualBytes(`${what}: ${file}`, found?.artifacts.get(file), expected.artifacts.get(file)!);
    else {
      const pair = joined(tensorsOf(found, file), tensorsOf(expected, file));
      demandClose(`${what}: ${file}`, pair.found, pair.expected, 1e-4);
    }
  }
};

export const trainingChecks: readonly Check[] = [
  check('initial', 'begins with initial weights, bit for bit', async (bench) => {
    const task = trainCase(bench.decoded, { epochs: [0] });
    const tensors = tensorsOf(lastCommit(task, await trained(bench, task)), files.weights);
    for (const parameter of task.network.parameters) {
      const { data, shape } = valuesOf(tensors, parameter.name);
      demand(shape.join() === parameter.shape.join(), `${parameter.name} has the shape (${shape.join(', ')})`);
      const expected = initialParameter(task.seed, parameter);
      const wrong = expected.findIndex((value, i) => data[i] !== value);
      demand(wrong < 0, `${parameter.name}[${wrong}] is ${data[wrong]}; expected ${expected[wrong]}`);
    }
  }),
  check('layout', 'stores exactly the parameters, and the momentum of the trainable ones, as float32', async (bench) => {
    const task = trainCase(bench.decoded, { epochs: [0] });
    const commit = lastCommit(task, await trained(bench, task));
    const expected = { weights: task.network.parameters, velocity: task.network.parameters.filter(({ trainable }) => trainable) };
    for (const group of ['weights', 'velocity'] as const) {
      const tensors = tensorsOf(commit, files[group]);
      const names = (list: readonly { readonly name: string }[]): string =>
        list
          .map(({ name }) => name)
          .sort()
          .join(' ');
      demand(names(tensors) === names(expected[group]), `${group}: ${names(tensors)}; expected ${names(expected[group])}`);
      demand(
        tensors.every(({ data }) => data instanceof Float32Array),
        `${group}: not float32`,
      );
    }
    const momentum = tensorsOf(commit, files.velocity);
    demand(
      momentum.every(({ data }) => data.every((value) => value === 0)),
      'the momentum of an untrained network is not 0',
    );
  }),
  check('snapshot-scalars', 'commits the scalars of a snapshot and nothing else', async (bench) => {
    const task = longer(bench);
    const commit = lastCommit(task, await trained(bench, task));
    const names = Object.keys(commit?.scalars ?? {})
      .sort()
      .join(' ');
    demand(names === 'epoch step weight_norm', `scalars ${names}; expected epoch step weight_norm`);
    const { epoch, step, weight_norm: norm } = commit!.scalars;
    demand(epoch === 4 && step === 12, `epoch ${epoch}, step ${step}; expected 4 and 12`);
    let square = 0;
    for (const { data } of tensorsOf(commit, files.weights)) for (const value of data) square += value * value;
    demand(Math.abs(norm! / Math.sqrt(square) - 1) < 1e-5, `weight_norm ${norm}; the weights have ${Math.sqrt(square)}`);
  }),
  ...goldenChecks,
  check('every-snapshot', 'commits every wanted snapshot, in order, each as if it were alone', async (bench) => {
    const whole = await trained(bench, trainCase(bench.decoded, { recipe: { epochs: 4 }, epochs: [1, 2, 4] }));
    const order = [...whole.commits.keys()].join();
    demand(order === [1, 2, 4].map(snapshotCellOf).join(), 'other cells, or in another order');
    const alone = await trained(bench, trainCase(bench.decoded, { recipe: { epochs: 4 }, epochs: [2] }));
    await sameWeights(bench, 'epoch 2', alone.commits.get(snapshotCellOf(2)), whole.commits.get(snapshotCellOf(2))!);
  }),
  check('repeat', 'gives the same result again', async (bench) => {
    const task = longer(bench);
    const [first, second] = [await trained(bench, task), await trained(bench, task)];
    await sameWeights(bench, 'the second time', lastCommit(task, second), lastCommit(task, first)!);
  }),
  check('settled', 'asks of every cell whether it is settled, and skips settled ones', async (bench) => {
    const task = trainCase(bench.decoded, { epochs: [1, 2] });
    const settled = new Set(task.cells.map(({ cellId }) => cellId));
    const outcome = demandDone(await (await bench.session()).run(task, { settled }));
    const asked = new Set(outcome.calls.filter(({ call }) => call === 'isSettled').map(({ cellId }) => cellId));
    demand(asked.size === 2, `it asked for ${asked.size} of 2 cells`);
    demand(outcome.commits.size === 0, 'it committed a settled cell');
  }),
  check('start-from', 'continues from a settled snapshot', async (bench) => {
    const whole = await trained(bench, trainCase(bench.decoded, { recipe: { epochs: 4 }, epochs: [2, 4] }));
    const task = trainCase(bench.decoded, { recipe: { epochs: 4 }, epochs: [4] });
    const startFrom = { cellId: snapshotCellOf(2), epoch: 2, step: 6 };
    const artifacts = new Map([[startFrom.cellId, whole.commits.get(startFrom.cellId)!.artifacts]]);
    const resumed = demandDone(await (await bench.session()).run({ ...task, startFrom }, { artifacts }));
    demand(
      resumed.calls.some(({ call }) => call === 'readArtifact'),
      'it did not read the snapshot to start from',
    );
    await sameWeights(bench, 'epoch 4', lastCommit(task, resumed), whole.commits.get(snapshotCellOf(4))!);
  }),
  check('checkpoints', 'saves checkpoints as often as it is told', async (bench) => {
    const { checkpoints } = await trained(bench, oftenSaved(longer(bench)));
    demand(checkpoints.length > 0, 'no checkpoint');
    demand(
      checkpoints.every(({ step }, i) => i === 0 || step >= checkpoints[i - 1]!.step),
      'their steps descend',
    );
  }),
  check('resume', 'resumes from every checkpoint to the same end', async (bench) => {
    const task = oftenSaved(longer(bench));
    const whole = await trained(bench, task);
    demand(whole.checkpoints.length > 0, 'no checkpoint to resume');
    for (const checkpoint of new Map(whole.checkpoints.map((each) => [each.step, each])).values()) {
      const again = demandDone(await (await bench.session()).run(task, { checkpoint }));
      await sameWeights(bench, `from step ${checkpoint.step}`, lastCommit(task, again), lastCommit(task, whole)!);
    }
  }),
  check('abort', 'saves a checkpoint and gives the task back when aborted', async (bench) => {
    const task = longer(bench);
    const endless = { ...trainCase(bench.decoded, { recipe: { epochs: 4 } }), cells: [{ ...task.cells[0]!, step: 10 ** 7 }] };
    const session = await bench.session();
    const outcome = await session.run(endless, {
      onRun: (self) => void setTimeout(() => void self.send({ type: 'abort' }), 400),
    });
    demandFailed(outcome, 'disruption');
    demand(outcome.checkpoints.length > 0, 'no checkpoint');
    demand(outcome.ms < 15_000, `it took ${outcome.ms / 1000} s`);
  }),
  check('progress', 'reports its progress, with finite loss and accuracy', async (bench) => {
    const { progress } = await trained(bench, longer(bench));
    demand(progress.length > 0, 'no progress');
    for (const { values } of progress)
      demand(Number.isFinite(values['loss']) && values['accuracy']! >= 0 && values['accuracy']! <= 1, JSON.stringify(values));
  }),
  check('not-finite', 'fails a training whose loss is not finite, naming the step', async (bench) => {
    const recipe = { learningRate: 1e30, epochs: 8, schedule: 'constant' } as const;
    const outcome = await (await bench.session()).run(trainCase(bench.decoded, { recipe }));
    demandFailed(outcome, 'nonFiniteLoss');
    demand(outcome.failure?.atStep !== undefined, 'no step');
    demand(outcome.commits.size === 0, 'it committed a network that is not finite');
  }),
];
