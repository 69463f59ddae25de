/**
 * Does the work of cases on one backend: `node ncsweep-worker.ts BACKEND THREADS`, with the cases as JSON on the first line of input. Then
 * reads one line a case, its index; answers one line of JSON, the seconds that one piece of work took: wall and processor. Its own first
 * line holds versions, and on a GPU whether it rounds to TF32. The code timed is the worker's own.
 */
import { createInterface } from 'node:readline';
import process from 'node:process';
import * as tf from '@tensorflow/tfjs-core';
import { backendName } from '@ncsweep/catalog/backends';
import { startDraws } from '@ncsweep/worker/attack/draws';
import { networkObjective } from '@ncsweep/worker/attack/objective';
import { pgd } from '@ncsweep/worker/attack/pgd';
import { openBackend } from '@ncsweep/worker/backend/backend';
import { measure } from '@ncsweep/worker/evaluate/measure';
import { networkNodes } from '@ncsweep/catalog/architectures';
import { parameterSpecs } from '@ncsweep/catalog/network/parameters';
import { FrozenNetwork } from '@ncsweep/worker/model/frozen-network';
import { initialWeights } from '@ncsweep/worker/model/weights';
import { fillUniform, randomKey } from '@ncsweep/worker/random';
import type { TrainRecipe } from '@ncsweep/catalog/params';
import { Trainer } from '@ncsweep/worker/train/trainer';
import { tf32Text, tf32Use } from '../gpu/tf32.ts';
import { channelsOf, exampleData, type Case } from './cases.ts';

type Work = () => Promise<void> | void;

function prepare(the: Case): Work {
  const { architecture, image, classes, batch, work } = the;
  const nodes = networkNodes(architecture, { image, classes, normalisation: channelsOf(the) });
  const weights = initialWeights(parameterSpecs(nodes), (name, out) => fillUniform(randomKey(1, name), 0, out));
  const { pixels, labels } = exampleData(the);
  const images = (): tf.Tensor4D => tf.tensor4d(pixels, [batch, ...image]);
  const oneHot: tf.Tensor2D = tf.cast(tf.oneHot(tf.tensor1d(labels, 'int32'), classes) as tf.Tensor2D, 'float32');
  const indices = Int32Array.from(labels, (_, i) => i);
  if (work === 'train step') return trainStep(new Trainer(nodes, recipe, 1, 1e6, { step: 0, weights }), images, oneHot, indices);
  const network = new FrozenNetwork(nodes, weights);
  if (work === 'PGD-10') {
    const options = { norm: 'linf', epsilon: 8 / 255, stepSize: 2 / 255, steps: 10, restarts: 1, targeted: false } as const;
    const start = (): tf.Tensor4D => startDraws(1, 'bench', indices, image, { norm: 'linf' });
    return () => tf.tidy(() => void pgd(networkObjective(network), images(), oneHot, { ...options, start }).dataSync());
  }
  const [features] = weights.get('classifier.weight')!.shape as [number, number];
  const classifier = new Float64Array(classes * features).fill(1);
  return async () => {
    const [first, second] = [0, 1].map(() => ({ images: images(), labels }));
    const passes = [first!, second!];
    await measure(
      (use) => {
        const each = passes.shift()!;
        use(each);
        each.images.dispose();
        return Promise.resolve();
      },
      { network, architecture, classes, classifier, attack: { kind: 'none' } },
    );
  };
}

const recipe: TrainRecipe = {
  kind: 'train',
  loss: 'ce',
  attack: null,
  beta: 0,
  batchNorm: 'train',
  epochs: 1,
  batchSize: 1,
  learningRate: 1e-3,
  momentum: 0.9,
  weightDecay: 5e-4,
  schedule: 'constant',
};

const trainStep =
  (trainer: Trainer, images: () => tf.Tensor4D, labels: tf.Tensor2D, indices: Int32Array): Work =>
  () => {
    const x = images();
    const { loss, correct } = trainer.step({ images: x, labels, indices });
    loss.dataSync();
    tf.dispose([x, loss, correct]);
  };

const [backend, threads] = [backendName.parse(process.argv[2]), Number(process.argv[3])];
const say = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
const { versions } = await openBackend(backend, { threads });
say(backend === 'native-gpu' ? { ...versions, TF32: tf32Text(tf32Use()) } : versions);
const prepared = new Map<string, Work>();
let cases: readonly Case[] | undefined;
for await (const line of createInterface({ input: process.stdin })) {
  if (cases === undefined) {
    cases = JSON.parse(line) as readonly Case[];
    continue;
  }
  const the = cases[Number(line)]!;
  const work = prepared.get(line) ?? prepare(the);
  if (!prepared.has(line)) await work(); // warm
  prepared.set(line, work);
  const [startMs, startCpu] = [performance.now(), process.cpuUsage()];
  for (let time = 0; time < the.times; time++) await work();
  const { user, system } = process.cpuUsage(startCpu); // µs
  say([(performance.now() - startMs) / 1e3 / the.times, (user + system) / 1e6 / the.times]);
}
