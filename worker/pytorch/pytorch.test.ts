/** Compares our networks, gradients, attacks and updates with PyTorch's and torchattacks' (fixtures of make_fixtures.py, computed in float64). */
import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { networkNodes, type ArchitectureParams } from '@ncsweep/catalog/architectures';
import type { NetworkShape } from '@ncsweep/catalog/network/blocks';
import type { Norm } from '@ncsweep/catalog/attacks/norm';
import type { RandomStart } from '@ncsweep/catalog/attacks/random-start';
import { beforeAll, describe, expect, it } from 'vitest';
import { startDraws } from '../attack/draws.ts';
import { crossEntropy, crossEntropyGradient } from '../attack/logit-losses.ts';
import { NearestMeanClassifier, networkObjective, objectiveOf, pool } from '../attack/objective.ts';
import { addScaled, fgsmDirection, pgd, type PgdOptions } from '../attack/pgd.ts';
import { Fixture } from '../testing/fixture.ts';
import { openTestBackend } from '../testing/test-backend.ts';
import { FrozenNetwork } from '../model/frozen-network.ts';
import type { PassState } from '../model/train-pass.ts';
import { exportWeights } from '../model/weights.ts';
import { crossEntropyKernel } from '../train/losses/cross-entropy.ts';
import { tradesKernel } from '../train/losses/trades.ts';
import { Trainer } from '../train/trainer.ts';

beforeAll(openTestBackend);

/** Largest difference, as a fraction of the largest expected entry. */
function difference(actual: ArrayLike<number>, expected: Float32Array): number {
  expect(actual.length).toBe(expected.length);
  const largest = expected.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-30);
  return expected.reduce((m, v, i) => Math.max(m, Math.abs(v - actual[i]!)), 0) / largest;
}

const values = (tensor: tf.Tensor): Float32Array => tensor.dataSync() as Float32Array;

/** In PyTorch's layout, by name. */
const torchLayout = (tensors: ReadonlyMap<string, tf.Tensor>): Map<string, Float32Array> =>
  new Map(exportWeights(tensors).map(({ name, data }) => [name, data]));

const architectures: readonly ArchitectureParams[] = [
  { name: 'mlp', width: 12, depth: 2 },
  { name: 'convnet', width: 4, depth: 4 },
  { name: 'vgg11-bn', width: 2, depth: 8 },
  { name: 'preact-resnet18', width: 2, depth: 8 },
];

describe.each(architectures)('smooth $name', (architecture) => {
  const shape: NetworkShape = {
    image: [16, 16, 3],
    classes: 3,
    normalisation: { mean: [0.4, 0.5, 0.45], std: [0.25, 0.2, 0.3] },
    activation: 'softplus',
  };
  const nodes = networkNodes(architecture, shape);
  const fixture = new Fixture(architecture.name);
  const load = () => {
    const weights = fixture.weights('weights', nodes);
    return {
      weights,
      network: new FrozenNetwork(nodes, weights),
      images: fixture.images('images'),
      labels: fixture.labels(3),
    };
  };
  const passState = (): PassState => ({
    weights: fixture.weights('weights', nodes),
    batchNorm: 'train',
    gradients: new Map(),
    running: new Map(),
  });
  const expectGroup = (actual: ReadonlyMap<string, tf.Tensor>, group: string, tolerance: number): void => {
    const found = torchLayout(actual);
    const expected = fixture.group(group);
    expect([...found.keys()].sort()).toEqual(expected.map(({ name }) => name).sort());
    // Relative to the largest entry of the whole group, because single tensors may be nearly zero (a bias that batch norm cancels).
    const largest = Math.max(...expected.flatMap(({ data }) => [...data].map(Math.abs)));
    for (const { name, data } of expected) {
      const worst = found.get(name)!.reduce((m, v, i) => Math.max(m, Math.abs(v - data[i]!)), 0);
      expect(worst / largest, `${group}/${name}`).toBeLessThan(tolerance);
    }
  };

  it("has PyTorch's logits and features in eval mode", () => {
    const { network, images } = load();
    const { logits, layers } = network.features(images);
    expect(difference(values(logits), fixture.values('eval_logits'))).toBeLessThan(1e-4);
    for (const { name, data } of fixture.group('layers')) {
      expect(difference(values(pool(layers.get(name)!, 'gap')), Float32Array.from(data)), name).toBeLessThan(1e-4);
    }
    const named = fixture.group('layers').map(({ name }) => name);
    expect(named.sort()).toEqual(network.layers.filter((name) => name !== 'input').sort());
  });

  it("has PyTorch's input gradient", () => {
    const { network, images, labels } = load();
    const { value, pull } = network.trace(images);
    const gradient = pull(crossEntropyGradient(value as tf.Tensor2D, labels));
    expect(difference(values(gradient), fixture.values('input_gradient'))).toBeLessThan(1e-4);
  });

  it("has PyTorch's gradient of the nearest-class-mean objective", () => {
    const { network, images, labels } = load();
    const layer = network.layers[2]!; // after the input and the first
    const means = Float64Array.from(fixture.values('ncc_means'));
    const head = { classes: 3, dimension: means.length / 3, means };
    const objective = objectiveOf(new NearestMeanClassifier(network, layer, 'flatten', head));
    const gradient = objective.gradient(images, labels);
    expect(difference(values(gradient), fixture.values('ncc_gradient'))).toBeLessThan(1e-4);
  });

  it("has PyTorch's weight gradients and running statistics in train mode", () => {
    const state = passState();
    const batch = { images: fixture.images('images'), labels: fixture.labels(3), perturbed: undefined };
    crossEntropyKernel.pass(nodes, batch, { loss: 'ce', beta: 0 }, state);
    expectGroup(state.gradients, 'train_gradients', 1e-4);
    expectGroup(state.running, 'running', 1e-4);
  });

  it("has PyTorch's TRADES gradients", () => {
    const state = passState();
    const [images, perturbed, labels] = [fixture.images('images'), fixture.images('pgd_linf'), fixture.labels(3)];
    tradesKernel.pass(nodes, { images, perturbed, labels }, { loss: 'trades', beta: 6 }, state);
    expectGroup(state.gradients, 'trades_gradients', 1e-4);
  });

  it("has PyTorch's weights after three steps of SGD", () => {
    const recipe = {
      kind: 'train',
      loss: 'ce',
      attack: null,
      beta: 0,
      batchNorm: 'train',
      epochs: 3,
      batchSize: 5,
      learningRate: 0.1,
      momentum: 0.9,
      weightDecay: 0.05,
      schedule: 'constant',
    } as const;
    const trainer = new Trainer(nodes, recipe, 1, 3, { step: 0, weights: fixture.weights('weights', nodes) });
    const batch = { images: fixture.images('images'), labels: fixture.labels(3), indices: new Int32Array(5) };
    for (let step = 0; step < 3; step++) trainer.step(batch);
    expectGroup(trainer.state.weights, 'after_sgd', 1e-4);
  });

  /** The share of pixels equal to within 1e-6; rounding may flip the sign of an almost zero gradient in the others. */
  const samePixels = (actual: tf.Tensor, name: string): number => {
    const expected = fixture.values(name);
    return values(actual).reduce((n, v, i) => n + (Math.abs(v - expected[i]!) <= 1e-6 ? 1 : 0), 0) / expected.length;
  };

  it("makes torchattacks' FGSM images", () => {
    const { network, images, labels } = load();
    const made = addScaled(images, fgsmDirection(networkObjective(network), images, labels, false), 8 / 255);
    expect(samePixels(made, 'fgsm')).toBeGreaterThan(0.999);
  });

  const linf: PgdOptions = { norm: 'linf', epsilon: 8 / 255, stepSize: 2 / 255, steps: 10, restarts: 1, targeted: false };

  it("makes torchattacks' PGD images from the same start", () => {
    const { network, images, labels } = load();
    const made = pgd(networkObjective(network), images, labels, { ...linf, start: () => fixture.images('start') });
    expect(samePixels(made, 'pgd_linf')).toBeGreaterThan(0.999);
  });

  it("makes torchattacks' targeted PGD images", () => {
    const { network, images } = load();
    const targets = tf.cast(
      tf.oneHot(
        tf.tensor1d(
          fixture.values('labels').map((y) => (y + 1) % 3),
          'int32',
        ),
        3,
      ),
      'float32',
    );
    const made = pgd(networkObjective(network), images, targets as tf.Tensor2D, { ...linf, targeted: true });
    expect(samePixels(made, 'pgd_targeted')).toBeGreaterThan(0.999);
  });

  it("makes torchattacks' L2 PGD images", () => {
    const { network, images, labels } = load();
    const options: PgdOptions = { ...linf, norm: 'l2', epsilon: 128 / 255, stepSize: 15 / 255 };
    const made = pgd(networkObjective(network), images, labels, options);
    expect(difference(values(made), fixture.values('pgd_l2'))).toBeLessThan(1e-4);
  });
});

describe('a trained network with ReLU', () => {
  const shape: NetworkShape = {
    image: [16, 16, 1],
    classes: 5,
    normalisation: { mean: [0.5], std: [0.2] },
  };
  const fixture = new Fixture('convnet-relu');
  const nodes = networkNodes({ name: 'convnet', width: 4, depth: 4 }, shape);
  const network = () => new FrozenNetwork(nodes, fixture.weights('weights', nodes));

  it("has PyTorch's logits", () => {
    const logits = network().logits(fixture.images('images'));
    expect(difference(values(logits), fixture.values('eval_logits'))).toBeLessThan(1e-4);
  });

  const mean = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0) / xs.length;
  /** Mean losses of PGD-10 over five seeds, ours and torchattacks', and the standard deviation of theirs. */
  function losses(norm: Norm, pixels: number, group: string, start?: RandomStart) {
    const frozen = network();
    const images = fixture.images('images');
    const labels = fixture.labels(5);
    const indices = Int32Array.from({ length: images.shape[0] }, (_, i) => i);
    const epsilon = pixels / 255;
    const stepSize = norm === 'linf' ? epsilon / 4 : (15 / 128) * epsilon;
    const ours = [1, 2, 3, 4, 5].map((seed) => {
      const startAt = (): tf.Tensor4D => startDraws(seed, 'test', indices, shape.image, { norm, start });
      const options = { norm, epsilon, stepSize, steps: 10, restarts: 1, targeted: false, start: startAt };
      const made = pgd(networkObjective(frozen), images, labels, options);
      return tf.mean(crossEntropy(frozen.logits(made), labels)).dataSync()[0]!;
    });
    const theirs = [...fixture.values(`${group}/${pixels}`)];
    const deviation = Math.sqrt(mean(theirs.map((x) => (x - mean(theirs)) ** 2)) * (5 / 4));
    return {
      ours: mean(ours),
      theirs: mean(theirs),
      deviation,
      text: `ours ${ours.join(' ')}, torchattacks' ${theirs.join(' ')}`,
    };
  }

  it.each([2, 8])("PGD-10 at %i/255 is as strong as torchattacks' within seeds", (pixels) => {
    const { ours, theirs, deviation, text } = losses('linf', pixels, 'pgd_losses');
    expect(ours, text).toBeGreaterThan(theirs - 2 * deviation);
  });

  it.each([32, 128])("L2 PGD-10 at %i/255 is torchattacks' within seeds, from the ball it is far below", (pixels) => {
    const { ours, theirs, deviation, text } = losses('l2', pixels, 'pgd_l2_losses');
    expect(Math.abs(ours - theirs), text).toBeLessThan(2 * deviation);
    expect(losses('l2', pixels, 'pgd_l2_losses', 'ball').ours).toBeLessThan(theirs - 5 * deviation);
  });
});
