/**
 * Makes the fixtures of python/tests from this program on wasm: `node test/torch/make-fixtures.ts`. A fixture is a task document with what
 * its cells read and what they must return, so that the PyTorch program is held to the numbers of the TensorFlow.js one.
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { ArchitectureParams } from '@ncsweep/catalog/architectures';
import type { AttackParams } from '@ncsweep/catalog/attacks';
import { documentOf, type DecodedData } from '@ncsweep/catalog/compute/document';
import { asKnownTask } from '@ncsweep/catalog/known-task';
import { networkDocument } from '@ncsweep/catalog/network/network-document';
import { networkNodes } from '@ncsweep/catalog/architectures';
import type { Lineage } from '@ncsweep/catalog/params';
import { sha256 } from '@ncsweep/protocol/canonical';
import type { Task } from '@ncsweep/protocol/messages';
import { encodeNpy } from '@ncsweep/protocol/npy';
import { openBackend } from '@ncsweep/worker/backend/backend';
import { openDataset } from '@ncsweep/worker/data/open-dataset';
import { fillNormal, fillUniform, permutation, randomKey } from '@ncsweep/worker/random';
import { runPlanned } from '@ncsweep/worker/testing/run-planned';
import {
  adversarial,
  evaluateTaskOf,
  MemoryIo,
  standard,
  tinyLineage,
  trainTaskOf,
  type TrainRecipe,
} from '@ncsweep/worker/testing/tasks';
import { cases, channelsOf } from '../../bench/kernels/cases.ts';

const folder = new URL('../../python/tests/fixtures/', import.meta.url).pathname;
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
/** Bits of a typed array, little endian, as hexadecimal digits. */
const bits = (values: Float32Array | Int32Array): string => Buffer.from(values.buffer).toString('hex');

const recipes: Readonly<Record<string, TrainRecipe>> = {
  standard,
  adversarial,
  trades: { ...adversarial, loss: 'trades', beta: 6, schedule: 'paper' },
  'adversarial-l2': {
    ...standard,
    batchNorm: 'eval',
    schedule: 'constant',
    attack: {
      norm: 'l2',
      epsilon: '128/255',
      steps: 3,
      stepSize: { kind: 'absolute', value: '15/255' },
      randomStart: true,
    },
  },
};

const pgd = {
  kind: 'pgd',
  norm: 'linf',
  steps: 4,
  stepSize: { kind: 'relative', value: '1/4' },
  restarts: 1,
  randomStart: true,
  objective: 'ce',
  target: 'none',
} as const;
const attacks: Readonly<Record<string, AttackParams>> = {
  clean: { kind: 'none' },
  pgd,
  'pgd-l2-targeted': { ...pgd, norm: 'l2', start: 'ball', restarts: 2, target: 'next-class' },
  ncc: { ...pgd, objective: 'ncc' },
  fgsm: { kind: 'fgsm', target: 'none' },
  'sign-noise': { kind: 'sign-noise' },
  'sphere-noise': { kind: 'sphere-noise' },
  'gaussian-noise': { kind: 'gaussian-noise' },
};

const apgd = { kind: 'apgd', norm: 'linf', steps: 8, restarts: 2, objective: 'dlr' } as const;
/** Of five classes, because the targeted ratio needs four. */
const attacksOnFive: Readonly<Record<string, AttackParams>> = {
  'five-clean': { kind: 'none' },
  'pgd-dlr': { ...pgd, objective: 'dlr' },
  'ncc-dlr': { ...pgd, objective: 'ncc-dlr' },
  apgd,
  'apgd-l2': { ...apgd, norm: 'l2', restarts: 1, objective: 'ce' },
  'apgd-ncc': { ...apgd, restarts: 1, objective: 'ncc-dlr' },
  'apgd-t': { kind: 'apgd-t', norm: 'linf', steps: 8, targets: 3 },
  // Not in L2, where images of this network come to lie so near to a boundary that rounding decides on which side they are.
  'fab-t': { kind: 'fab-t', norm: 'linf', steps: 3, targets: 3 },
  autoattack: { kind: 'autoattack', norm: 'linf', version: 'standard', steps: 6, targets: 2, queries: 20 },
  square: { kind: 'square', norm: 'linf', queries: 60 },
  'square-l2': { kind: 'square', norm: 'l2', queries: 60 },
};
/** Trained until it is right, because the ratio is constant, up to rounding, where the true class is third or lower. */
const five: Lineage = tinyLineage(
  { ...standard, epochs: 40 },
  {
    dataset: { name: 'prototypes', digest: '5'.repeat(64), classes: 5, trainPerClass: 4, testPerClass: 2, imageSize: 8 },
  },
);

/** The dataset's arrays, in the fixtures' folder; documents name them relative to it. */
async function decode(lineage: Lineage, prefix = ''): Promise<DecodedData> {
  const dataset = await openDataset(lineage.dataset, lineage.seed, () => Promise.resolve(''));
  const splitOf = async (name: 'train' | 'test') => {
    const { count, labels, images } = dataset[name];
    const put = async (what: string, dtype: 'float32' | 'int32', shape: number[], data: Float32Array | Int32Array) => {
      const file = `${prefix}${name}_${what}.npy`;
      const bytes = encodeNpy({ type: dtype, shape, data });
      await writeFile(path.join(folder, file), bytes);
      return { path: file, dtype, shape, sha256: sha256(bytes) };
    };
    const pixels = images(Int32Array.from({ length: count }, (_, i) => i));
    return {
      count,
      images: await put('images', 'float32', [count, ...dataset.image], pixels),
      labels: await put('labels', 'int32', [count], labels),
    };
  };
  const { classes, image } = dataset;
  const [train, test] = [await splitOf('train'), await splitOf('test')];
  return { data: { key: lineage.dataset.digest, classes, image: [...image], train, test }, sideLabels: { train: {}, test: {} } };
}

interface Scenario {
  readonly document: unknown;
  /** Artifacts are in base64. */
  readonly outputs: Readonly<
    Record<string, { scalars: Readonly<Record<string, number>>; artifacts: Readonly<Record<string, string>> }>
  >;
}

const artifactsOf = (io: MemoryIo, cellId: string): Record<string, string> =>
  Object.fromEntries(io.results.get(cellId)!.artifacts.map(({ name, bytes }) => [name, base64(bytes)]));

async function scenarioOf(task: Task, decoded: DecodedData, io: MemoryIo): Promise<Scenario> {
  const document = documentOf(asKnownTask(task), decoded)!;
  await runPlanned(task, io);
  return {
    document,
    outputs: Object.fromEntries(
      task.cells.map(({ cellId }) => [cellId, { scalars: io.results.get(cellId)!.scalars, artifacts: artifactsOf(io, cellId) }]),
    ),
  };
}

function budgetsOf(name: string, { kind }: AttackParams): readonly string[] {
  if (kind === 'none') return ['0/1'];
  if (name === 'pgd') return ['2/255', '8/255'];
  return name.includes('l2') ? ['1/2'] : ['8/255'];
}

/** Evaluations are of the last snapshot of `standard` and, under an attack, read the class means of `clean`. */
async function scenarios(): Promise<Record<string, Scenario>> {
  const decoded = await decode(tinyLineage(standard));
  const made: Record<string, Scenario> = {};
  const io = new MemoryIo();
  for (const [name, recipe] of Object.entries(recipes))
    made[name] = await scenarioOf(trainTaskOf(tinyLineage(recipe), name === 'standard' ? [0, 1, 4] : [1]), decoded, io);
  const evaluate = async (lineage: Lineage, epoch: number, all: typeof attacks, data: DecodedData): Promise<void> => {
    for (const [name, attack] of Object.entries(all))
      made[name] = await scenarioOf(evaluateTaskOf(lineage, epoch, attack, budgetsOf(name, attack)), data, io);
  };
  await evaluate(tinyLineage(standard), 4, attacks, decoded);
  const decodedFive = await decode(five, 'five_');
  made['five'] = await scenarioOf(trainTaskOf(five, [1, 40]), decodedFive, io);
  await evaluate(five, 40, attacksOnFive, decodedFive);
  return made;
}

const architectures: readonly ArchitectureParams[] = [
  { name: 'mlp', width: 12, depth: 2 },
  { name: 'convnet', width: 4, depth: 4 },
  { name: 'vgg11-bn', width: 2, depth: 8 },
  { name: 'preact-resnet18', width: 2, depth: 8 },
];

/** Networks of the fixtures in worker/pytorch. */
function networks(): Record<string, unknown> {
  const normalisation = { mean: [0.4, 0.5, 0.45], std: [0.25, 0.2, 0.3] };
  const shape = { image: [16, 16, 3], classes: 3, normalisation, activation: 'softplus' } as const;
  return Object.fromEntries(architectures.map((each) => [each.name, networkDocument(networkNodes(each, shape), [16, 16, 3])]));
}

/** The cases of bench/kernels, for machines without Node. */
const kernels = (): readonly object[] =>
  cases.map((the) => {
    const { architecture, image, classes } = the;
    const nodes = networkNodes(architecture, { image, classes, normalisation: channelsOf(the) });
    return { ...the, network: networkDocument(nodes, image) };
  });

function draws(): readonly object[] {
  return [
    { seed: 1, purpose: 'init/conv1.weight', index: 0 },
    { seed: 7, purpose: 'attack/train/start/0', index: 49_999 },
    { seed: 2 ** 40 + 1, purpose: 'é', index: 2 ** 33 + 5 },
  ].map(({ seed, purpose, index }) => {
    const key = randomKey(seed, purpose);
    const [uniform, normal] = [new Float32Array(301), new Float32Array(301)];
    fillUniform(key, index, uniform);
    fillNormal(key, index, normal);
    return { seed, purpose, index, uniform: bits(uniform), normal: bits(normal), permutation: bits(permutation(key, 101)) };
  });
}

await openBackend('wasm', { threads: 1 });
const save = (name: string, value: unknown): Promise<void> => writeFile(path.join(folder, name), `${JSON.stringify(value)}\n`);
await save('draws.json', draws());
await save('networks.json', networks());
await writeFile(path.join(folder, 'kernels.json.gz'), gzipSync(JSON.stringify(kernels()), { level: 9 }));
// Packed, because its artifacts are binary anyway. Level 9 has no time stamp, so equal numbers give equal bytes.
await writeFile(path.join(folder, 'scenarios.json.gz'), gzipSync(JSON.stringify(await scenarios()), { level: 9 }));
