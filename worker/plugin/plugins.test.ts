import { constants, runInThisContext } from 'node:vm';
import * as tf from '@tensorflow/tfjs-core';
import { pluginManifest } from '@ncsweep/catalog/plugins/manifest';
import { partIdentities } from '@ncsweep/catalog/plugins/part-archive';
import type { AttackParams } from '@ncsweep/catalog/attacks';
import type { TrainRecipe } from '@ncsweep/catalog/params';
import { parquetReadObjects } from 'hyparquet';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { runPlanned } from '../testing/run-planned.ts';
import { adversarial, evaluateTaskOf, MemoryIo, snapshotId, standard, tinyLineage, trainTaskOf } from '../testing/tasks.ts';
import { openTestBackend } from '../testing/test-backend.ts';
import type { PassState } from '../model/train-pass.ts';
import type { LossPass } from '../train/losses/loss-kernel.ts';
import { tradesKernel } from '../train/losses/trades.ts';
import { checkPart } from './check-plugin.ts';
import { pluggedPass } from './plugged-loss.ts';
import { importPlugins } from './plugin-functions.ts';
import type { PluginDocument } from './plugin-modules.ts';
import { sampleImages, sampleIndices, sampleLabels, sampleNodes, sampleWeights } from './sample.ts';

/** The hooks of plug-ins are Node's, and the test runner's `import` goes past them. */
vi.mock('../backend/native-import.ts', () => ({
  nativeImport: runInThisContext('(address) => import(address)', {
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  }) as (address: string) => Promise<object>,
}));

beforeAll(openTestBackend);

type Files = Readonly<Record<string, string>>;

/** A plug-in with one part. */
function pluginOf(
  part: object,
  files: Files,
): PluginDocument & { readonly v: 1; readonly manifest: ReturnType<typeof pluginManifest.parse> } {
  const manifest = pluginManifest.parse({ plugin: 'lab', parts: [part] });
  const [identity] = partIdentities({ v: 1, manifest, files }).values();
  return { v: 1, identity: identity!, manifest, files };
}

const attackOf = (code: string, files: Files = {}, more: object = {}) =>
  pluginOf(
    { kind: 'attack', name: 'move', typescript: 'a.ts:move', norm: 'linf', gradients: 1, ...more },
    { 'a.ts': code, ...files },
  );
const lossOf = (code: string, more: object = {}) =>
  pluginOf({ kind: 'loss', name: 'sum', typescript: 'a.ts:sum', ...more }, { 'a.ts': code });

const paramsOf = (plugin: PluginDocument, params: Record<string, number> = {}): AttackParams => {
  const { norm } = plugin.manifest.parts[0] as unknown as { norm: 'linf' };
  return { kind: 'plugin', part: 'lab/move', identity: plugin.identity, norm, gradients: 1, params, languages: ['TypeScript'] };
};

const lineage = tinyLineage(standard);
const clean: AttackParams = { kind: 'none' };

/** A store with a trained network and its clean evaluation. */
async function trained(): Promise<MemoryIo> {
  const io = new MemoryIo();
  await runPlanned(trainTaskOf(lineage, [1]), io);
  await runPlanned(evaluateTaskOf(lineage, 1, clean, ['0/1']), io);
  return io;
}
let network: Promise<MemoryIo> | undefined;

/** Metrics of the evaluation under an attack, and what was recorded of its perturbation. */
async function evaluated(attack: AttackParams, plugins: PluginDocument[] = [], epsilon = '8/255') {
  const before = await (network ??= trained());
  const io = new MemoryIo();
  before.results.forEach((outcome, id) => io.results.set(id, outcome));
  const task = evaluateTaskOf(lineage, 1, attack, [epsilon]);
  await runPlanned(task, io, { plugins });
  const { cellId } = task.cells[0]!;
  const bytes = io.artifact(cellId, 'metrics.parquet');
  const lines = await parquetReadObjects({ file: new Uint8Array(bytes).buffer });
  return { lines, scalars: io.results.get(cellId)!.scalars };
}

const step = `import type { AttackBatch } from '@ncsweep/worker/plugin/attack-batch';
import { scaled } from './in/helpers.ts';
export const move = ({ tf, images, epsilon, gradient, ascent, project }: AttackBatch) =>
  project(tf.add(images, scaled(tf, ascent(gradient(images)), epsilon)));
`;
const helpers = `import type * as TF from '@tensorflow/tfjs-core';
export const scaled = (tf: typeof TF, x: TF.Tensor4D, by: number): TF.Tensor4D => tf.mul(x, by);
`;

describe('an attack of a plug-in in TypeScript', () => {
  it('sees the network as our own attacks do: one step along the sign is FGSM, with every metric', async () => {
    const plugin = attackOf(step, { 'in/helpers.ts': helpers });
    const own = await evaluated(paramsOf(plugin), [plugin]);
    const fgsm = await evaluated({ kind: 'fgsm', target: 'none' });
    expect(own.lines).toEqual(fgsm.lines);
    expect(own.scalars).toEqual(fgsm.scalars);
  });

  it('may climb a loss of its own, whose gradient is that of our objective', async () => {
    const code = `export const move = ({ tf, images, labels, epsilon, logits, ascent, project }) => {
      const loss = (x) => {
        const z = logits(x);
        return tf.neg(tf.sum(tf.mul(tf.logSoftmax(z), tf.oneHot(labels, z.shape[1]))));
      };
      return project(tf.add(images, tf.mul(ascent(tf.grad(loss)(images)), epsilon)));
    };`;
    const plugin = attackOf(code);
    const own = await evaluated(paramsOf(plugin), [plugin]);
    const fgsm = await evaluated({ kind: 'fgsm', target: 'none' });
    expect(own.scalars['loss']).toBeCloseTo(fgsm.scalars['loss']!, 3);
    expect(own.scalars['loss']! - (await evaluated(clean, [], '0/1')).scalars['loss']!).toBeGreaterThan(0.01);
  });

  const body = (text: string): string => `export const move = (batch) => { const { tf, images } = batch; ${text} };`;
  it.each<[string, string, RegExp]>([
    [
      'moves too far',
      body('return tf.clipByValue(tf.add(images, 0.5), 0, 1);'),
      /lab\/move moved an image by 0\.\d+ in linf; its budget is 0\.0313725. Remedy: batch.project/,
    ],
    [
      'leaves the range of pixels',
      body('return tf.sub(images, 0.031);'),
      /lab\/move returned pixels from -0\.\d+ to .*; expected 0 to 1/,
    ],
    ['returns what is not finite', body('return tf.div(images, 0);'), /lab\/move returned images that are not finite/],
    [
      'returns another shape',
      body('return tf.reshape(images, [-1]);'),
      /lab\/move returned float32 \[\d+\]; expected the perturbed images, a float32 tensor \[\d+, 8, 8, 1\]/,
    ],
    [
      'returns a promise',
      'export const move = async ({ images }) => { throw new Error("late") };',
      /lab\/move returned a promise; expected the perturbed images/,
    ],
    ['throws', body('\n  throw new RangeError("no such thing");'), /lab\/move: RangeError: no such thing \(a\.ts:2:\d+\)/],
    [
      'draws from Math.random',
      body('return tf.add(images, Math.random());'),
      /lab\/move drew from Math\.random.*Remedy: draw with the uniform and normal/,
    ],
    ['draws from TensorFlow.js', body('return tf.randomUniform(images.shape);'), /lab\/move drew from Math\.random/],
    [
      'imports a package',
      'import lodash from "lodash";\nexport const move = lodash;',
      /plug-in lab: importing a\.ts: a\.ts imports "lodash": a plug-in in TypeScript imports only files of its own folder/,
    ],
    [
      'imports the folder of a user',
      'import { x } from "/home/me/x.ts";\nexport const move = x;',
      /a\.ts imports "\/home\/me\/x\.ts": a plug-in in TypeScript imports only files/,
    ],
    [
      'imports what is above its folder',
      'import { x } from "../../x.ts";\nexport const move = x;',
      /a\.ts imports "\.\.\/\.\.\/x\.ts": the plug-in has no file x\.ts/,
    ],
    [
      'imports without the ending',
      'import { x } from "./b";\nexport const move = x;',
      /a\.ts imports "\.\/b": the plug-in has no file b\. Remedy: write the name of the file, b\.ts/,
    ],
    ['imports in mid-run', body('return import("node:fs");'), /returned a promise/],
    [
      'has syntax that is more than types',
      'enum A { B }\nexport const move = A;',
      /importing a\.ts: SyntaxError: TypeScript enum is not supported/,
    ],
    [
      'does not export its function',
      'const move = () => 1;',
      /plug-in lab: a\.ts exports no function move, which its plugin\.yaml names. Remedy: export function move/,
    ],
  ])('parks its cell where it %s', async (_, code, message) => {
    const plugin = attackOf(code, { 'b.ts': 'export const x = 1;' });
    await expect(evaluated(paramsOf(plugin), [plugin])).rejects.toMatchObject({
      failureClass: 'userError',
      message: expect.stringMatching(message) as string,
    });
  });

  it('is another module after its code changed', async () => {
    const [none, full] = [0, 1].map((by) =>
      attackOf(step, { 'in/helpers.ts': helpers.replace('tf.mul(x, by)', `tf.mul(x, by * ${by})`) }),
    );
    expect((await evaluated(paramsOf(none!), [none!])).scalars['perturbation_max']).toBe(0);
    expect((await evaluated(paramsOf(full!), [full!])).scalars['perturbation_max']).toBeGreaterThan(0.03);
  });
});

const logSoftmax = 'tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(z), tf.oneHot(labels, z.shape[1])), 1)))';

/** Weights after two epochs. */
async function weightsOf(recipe: TrainRecipe, plugins: PluginDocument[] = []): Promise<Float32Array> {
  const own = tinyLineage(recipe);
  const io = new MemoryIo();
  await runPlanned(trainTaskOf(own, [2]), io, { plugins });
  const bytes = io.artifact(snapshotId(own, 2), 'weights.safetensors');
  const from = 8 + Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  return new Float32Array(bytes.slice(from).buffer);
}

const recipeOf = (plugin: PluginDocument, base = standard, more: object = {}): TrainRecipe =>
  ({
    ...base,
    loss: 'plugin',
    part: 'lab/sum',
    identity: plugin.identity,
    adversarial: 'optional',
    objective: 'ce',
    passes: 1,
    params: {},
    languages: ['TypeScript'],
    ...more,
  }) as unknown as TrainRecipe;

const largestDifference = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

describe('a loss of a plug-in in TypeScript', () => {
  it.each([
    ['cross-entropy on clean images', standard],
    ['cross-entropy on adversarial examples', adversarial],
  ])('trains as our own: %s', async (_, base) => {
    const plugin = lossOf(
      `export const sum = ({ tf, images, adversarial, labels, logits }) => { const z = logits(adversarial ?? images); return ${logSoftmax}; };`,
    );
    const found = await weightsOf(recipeOf(plugin, base), [plugin]);
    const expected = await weightsOf(base);
    expect(found.length).toBe(expected.length);
    expect(largestDifference(found, expected)).toBeLessThan(1e-4);
  });

  it('has the gradients of TRADES where it is TRADES, whose two passes share their weights', async () => {
    const code = `export const sum = ({ tf, images, adversarial, labels, logits }, { beta }) => {
      const z = logits(images);
      const other = logits(adversarial);
      const divergence = tf.sum(tf.mul(tf.softmax(z), tf.sub(tf.logSoftmax(z), tf.logSoftmax(other))), 1);
      return tf.add(${logSoftmax}, tf.mul(beta, tf.mean(divergence)));
    };`;
    const plugin = lossOf(code, { params: { beta: { type: 'number' } }, passes: 2 });
    const run = (await importPlugins([plugin])).get({ kind: 'loss', part: 'lab/sum', identity: plugin.identity });
    const images = sampleImages(sampleIndices);
    const perturbed = tf.clipByValue(tf.add<tf.Tensor4D>(images, 0.05), 0, 1);
    const batch = { images, labels: sampleLabels(sampleIndices), perturbed };
    const gradientsOf = (pass: (state: PassState) => LossPass): readonly number[] => {
      const state: PassState = { weights: sampleWeights(), batchNorm: 'train', gradients: new Map(), running: new Map() };
      const { loss } = pass(state);
      return [loss, ...state.gradients.values()].flatMap((each) => [...each.dataSync()]);
    };
    const beta = 2;
    const found = gradientsOf((state) => pluggedPass({ part: 'lab/sum', params: { beta }, run }, sampleNodes, batch, state));
    const expected = gradientsOf((state) => tradesKernel.pass(sampleNodes, batch, { loss: 'trades', beta }, state));
    expect(found.length).toBe(expected.length);
    found.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-5));
  });

  it.each<[string, string, RegExp]>([
    [
      'does not use the network',
      '({ tf }) => tf.scalar(1)',
      /lab\/sum returned a loss that does not depend on the network\. Remedy: compute it from batch\.logits/,
    ],
    [
      'ignores its passes',
      '({ tf, images, logits }) => { logits(images); return tf.scalar(1); }',
      /does not depend on the network/,
    ],
    [
      'returns no mean',
      '({ images, logits }) => logits(images)',
      /lab\/sum returned float32 \[8, 3\]; expected the mean loss of the batch, a float32 tensor without dimensions/,
    ],
    [
      'asks for other passes each time',
      '({ tf, images, logits }) => { globalThis.n = (globalThis.n ?? 0) + 1; for (let i = 0; i < globalThis.n; i++) logits(images); return tf.mean(logits(images)); }',
      /asked for more passes when it ran again/,
    ],
  ])('parks its cell where it %s', async (_, code, message) => {
    const plugin = lossOf(`export const sum = ${code};`);
    await expect(weightsOf(recipeOf(plugin), [plugin])).rejects.toMatchObject({
      failureClass: 'userError',
      message: expect.stringMatching(message) as string,
    });
  });
});

describe('the tests of a plug-in in TypeScript', () => {
  const failing = async (plugin: ReturnType<typeof pluginOf>): Promise<(string | undefined)[][]> =>
    (await checkPart(plugin)).rows.filter(({ problem }) => problem !== undefined).map(({ check, problem }) => [check, problem]);

  it('pass for a part that is as it says', async () => {
    expect(await failing(attackOf(step, { 'in/helpers.ts': helpers }))).toEqual([]);
    expect(
      await failing(
        lossOf(`export const sum = ({ tf, images, labels, logits }) => { const z = logits(images); return ${logSoftmax}; };`),
      ),
    ).toEqual([]);
  });

  const call = (text: string): string =>
    `let n = 0;\nexport const move = ({ tf, images, epsilon, gradient, ascent, project }) => ${text};`;
  it.each<[string, string, string]>([
    ['images stay within the budget', call('tf.clipByValue(tf.add(images, 0.2), 0, 1)'), 'moved an image'],
    [
      'an image does not depend on its batch',
      call('project(tf.add(images, tf.sub(tf.mean(images, [0], true), images)))'),
      'when an image is in another batch',
    ],
    [
      'it repeats itself',
      call('project(tf.add(images, tf.mul(epsilon, (n++ % 2) - 0.5)))'),
      'the second time it returned other images',
    ],
    [
      'it takes no more gradients than declared',
      call('project(tf.add(gradient(images), gradient(images)))'),
      'it took 2 gradients; gradients says 1',
    ],
  ])('fail where an attack breaks: %s', async (check, code, found) => {
    expect(await failing(attackOf(code))).toContainEqual([check, expect.stringContaining(found)]);
  });

  it.each<[string, string, string]>([
    [
      'its gradient is that of finite differences',
      '({ tf, images, logits }) => { const z = logits(images); return tf.mean(tf.customGrad((x, save) => ({ value: tf.square(x), gradFunc: (dy) => dy }))(z)); }',
      'along its gradient the loss rises by',
    ],
    [
      'it works without adversarial examples',
      '({ tf, adversarial, logits }) => tf.mean(tf.square(logits(adversarial)))',
      'lab/sum: ',
    ],
    [
      'it takes no more passes than declared',
      '({ tf, images, logits }) => tf.mean(tf.square(tf.add(logits(images), logits(images))))',
      'it took 2 passes; passes says 1',
    ],
  ])('fail where a loss breaks: %s', async (check, code, found) => {
    expect(await failing(lossOf(`export const sum = ${code};`))).toContainEqual([check, expect.stringContaining(found)]);
  });

  it('leave no tensors', async () => {
    await checkPart(attackOf(step, { 'in/helpers.ts': helpers }));
    const before = tf.memory().numTensors;
    await checkPart(attackOf(step, { 'in/helpers.ts': helpers }));
    expect(tf.memory().numTensors).toBe(before);
  });
});
