/** What a program does with tasks that it cannot do. */
import type { TrainTask } from '@ncsweep/protocol/compute/task-document';
import { encodeSafetensors } from '@ncsweep/protocol/safetensors';
import { clean, evaluateCase, givenSnapshot, trainCase } from './case-tasks.ts';
import { check, demandDone, demandFailed, demandRefused, type Bench, type Check } from './check.ts';

const base = (bench: Bench): TrainTask => trainCase(bench.decoded, {});

/** A check that a changed task is refused. */
const refusal = (id: string, title: string, change: (task: TrainTask) => object): Check =>
  check(id, title, async (bench) => {
    const session = await bench.session();
    demandRefused(await session.run(change(base(bench))));
    demandDone(await session.run(trainCase(bench.decoded, { epochs: [0] }))); // and goes on
  });

type Images = TrainTask['data']['train']['images'];

/** A check that a task whose images are not as it says is bad data. */
const badData = (id: string, title: string, change: (images: Images) => Partial<Images>): Check =>
  check(id, title, async (bench) => {
    const task = base(bench);
    const { data } = task;
    const images = { ...data.train.images, ...change(data.train.images) };
    const wrong = { ...task, data: { ...data, key: 'b'.repeat(63) + String(id.length % 10), train: { ...data.train, images } } };
    demandFailed(await (await bench.session()).run(wrong), 'badData');
  });

const withWeights = (
  bench: Bench,
  change: (name: string, data: Float32Array, shape: readonly number[]) => { shape: readonly number[]; data: Float32Array },
) => {
  const task = evaluateCase(bench.decoded, clean, ['0/1']);
  const tensors = bench.golden
    .group('given/weights')
    .map(({ name, shape, data }) => ({ name, ...change(name, Float32Array.from(data), shape) }));
  const artifacts = new Map([[givenSnapshot, new Map([['weights.safetensors', encodeSafetensors(tensors)]])]]);
  return { task, artifacts };
};

export const failureChecks: readonly Check[] = [
  refusal('other-version', 'refuses a task of another version', (task) => ({ ...task, v: 2 })),
  refusal('other-kind', 'refuses a task of an unknown kind', (task) => ({ ...task, kind: 'distil' })),
  refusal('other-science', 'refuses a task that needs another version of its science', (task) => ({
    ...task,
    science: { ...task.science, train: task.science['train']! + 1 },
  })),
  refusal('unknown-science', 'refuses a task that needs science it does not know', (task) => ({
    ...task,
    science: { ...task.science, 'loss:unheard-of': 1 },
  })),
  refusal('unknown-loss', 'refuses a loss that it does not know', (task) => ({
    ...task,
    training: { ...task.training, loss: { name: 'unheard-of' } },
  })),
  refusal('unknown-node', 'refuses a node that it does not know', (task) => ({
    ...task,
    network: {
      ...task.network,
      nodes: [...task.network.nodes.slice(0, -1), { kind: 'attention' }, ...task.network.nodes.slice(-1)],
    },
  })),
  check('unknown-attack', 'refuses an attack that it does not know', async (bench) => {
    const task = evaluateCase(bench.decoded, { kind: 'fgsm', target: 'none' }, ['8/255']);
    const evaluation = { ...task.evaluation, attack: { kind: 'unheard-of', norm: 'linf' } };
    demandRefused(await (await bench.session()).run({ ...task, evaluation }));
  }),
  badData('missing-array', 'calls a missing array bad data', ({ path }) => ({ path: `${path}.gone` })),
  badData('wrong-shape', 'calls an array of another shape bad data', ({ shape }) => ({
    shape: [shape[0]! - 1, ...shape.slice(1)],
  })),
  badData('wrong-type', 'calls an array of another type bad data', () => ({ dtype: 'float32' })),
  check('misfit', 'calls weights that do not fit the network an error of the user', async (bench) => {
    const { task, artifacts } = withWeights(bench, (name, data, shape) =>
      name === 'classifier.bias' ? { shape: [shape[0]! + 1], data: new Float32Array(data.length + 1) } : { shape, data },
    );
    demandFailed(await (await bench.session()).run(task, { artifacts }), 'userError');
  }),
  check('not-finite-features', 'fails an evaluation whose features are not finite', async (bench) => {
    const { task, artifacts } = withWeights(bench, (name, data, shape) => ({
      shape,
      data: name === 'conv1.weight' ? data.fill(NaN) : data,
    }));
    demandFailed(await (await bench.session()).run(task, { artifacts }), 'nonFiniteLoss');
  }),
  check('no-memory', 'reports a lack of memory as such', async (bench) => {
    const task = base(bench);
    const [inputs, outputs] = [2 ** 26, 2 ** 26];
    const shape = [outputs, inputs];
    const huge = {
      ...task.network.parameters[0]!,
      name: 'huge.weight',
      shape,
      init: { kind: 'uniform', bound: 1, drawShape: [inputs, outputs], axes: [1, 0] },
    };
    const bias = { ...huge, name: 'huge.bias', shape: [outputs], init: { kind: 'constant', value: 0 } };
    const nodes = [
      ...task.network.nodes.slice(0, -1),
      { kind: 'dense', name: 'huge', inputs, outputs },
      ...task.network.nodes.slice(-1),
    ];
    const network = { ...task.network, nodes, parameters: [huge, bias, ...task.network.parameters] };
    const session = await bench.session();
    const outcome = await session.run({ ...task, network });
    demandFailed(outcome, 'outOfMemory');
  }),
  check('refused-call', 'ends a task with the failure class of a refused call', async (bench) => {
    const outcome = await (
      await bench.session()
    ).run(trainCase(bench.decoded, { epochs: [0] }), {
      onCall: ({ call }) => (call === 'commit' ? 'infrastructure' : undefined),
    });
    demandFailed(outcome, 'infrastructure');
  }),
  check('goes-on', 'does the next task after one that failed', async (bench) => {
    const session = await bench.session();
    demandFailed(await session.run(trainCase(bench.decoded, { recipe: { learningRate: 1e30, epochs: 8 } })), 'nonFiniteLoss');
    demandDone(await session.run(base(bench)));
  }),
];
