import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import {
  architectures,
  layerShapesOf,
  networkLayers,
  networkNodes,
  type ArchitectureParams,
} from '@ncsweep/catalog/architectures';
import type { Architecture } from '@ncsweep/catalog/architectures/architecture';
import { smallestParams } from '@ncsweep/catalog/testing/smallest-params';
import type { NetworkShape } from '@ncsweep/catalog/network/blocks';
import type { Node } from '@ncsweep/catalog/network/node';
import { parameterSpecs } from '@ncsweep/catalog/network/parameters';
import { beforeAll, describe, expect, it } from 'vitest';
import { openTestBackend } from '../testing/test-backend.ts';
import { fillNormal, fillUniform, randomKey } from '../random.ts';
import { crossEntropyGradient } from '../attack/logit-losses.ts';
import { FrozenNetwork } from './frozen-network.ts';
import { batchNormTiny, trainPass, type PassState } from './train-pass.ts';
import { exportWeights, importWeights, initialWeights, WeightsMismatchError, type Weights } from './weights.ts';

beforeAll(openTestBackend);

const small = Object.fromEntries(
  Object.values<Architecture>(architectures).map((part) => [part.name, smallestParams(part)]),
) as Readonly<Record<ArchitectureParams['name'], ArchitectureParams>>;

const shapeOf = (activation: 'relu' | 'softplus', size = 16): NetworkShape => ({
  image: [size, size, 2],
  classes: 3,
  normalisation: { mean: [0.4, 0.5], std: [0.2, 0.3] },
  activation,
});

const normal = (purpose: string, shape: number[]): tf.Tensor => {
  const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
  fillNormal(randomKey(7, purpose), 0, values);
  return tf.tensor(values, shape);
};

/** Initial weights, with every batch norm moved away from its trivial start. */
function testWeights(nodes: readonly Node[]): Weights {
  const specs = parameterSpecs(nodes);
  const start = initialWeights(specs, (name, out) => fillUniform(randomKey(3, name), 0, out));
  return new Map(
    specs.map(({ name, shape, init }) => {
      if ('bound' in init) return [name, start.get(name)!];
      const noise = normal(name, [...shape]);
      return [name, tf.add(tf.mul(name.endsWith('running_var') ? tf.abs(noise) : noise, 0.3), init.value + 0.2)];
    }),
  );
}

const lift = (values: Float32Array | number[], shape: number[]): tf.Tensor => tf.tensor(values, shape);

/** An independent forward pass built from tfjs's own differentiable ops. */
function reference(nodes: readonly Node[], x: tf.Tensor, w: (name: string) => tf.Tensor, training: boolean): tf.Tensor {
  let y = x;
  for (const node of nodes) {
    switch (node.kind) {
      case 'tap':
        break;
      case 'normalise':
        y = tf.div(tf.sub(y, tf.tensor1d([...node.mean])), tf.tensor1d([...node.std]));
        break;
      case 'conv':
        y = tf.conv2d(y as tf.Tensor4D, w(`${node.name}.weight`) as tf.Tensor4D, node.stride, (node.kernel - 1) / 2);
        break;
      case 'batchNorm': {
        const { mean, variance } = training
          ? tf.moments(y, [0, 1, 2])
          : { mean: w(`${node.name}.running_mean`), variance: w(`${node.name}.running_var`) };
        const normalised = tf.div(tf.sub(y, mean), tf.sqrt(tf.add(variance, batchNormTiny)));
        y = tf.add(tf.mul(normalised, w(`${node.name}.weight`)), w(`${node.name}.bias`));
        break;
      }
      case 'activation':
        y = node.fn === 'relu' ? tf.relu(y) : tf.softplus(y);
        break;
      case 'maxPool':
        y = tf.maxPool(y as tf.Tensor4D, 2, 2, 'valid');
        break;
      case 'globalAveragePool':
        y = tf.mean(y, [1, 2]);
        break;
      case 'flatten':
        y = tf.reshape(y, [y.shape[0]!, -1]);
        break;
      case 'dense':
        y = tf.add(tf.matMul(y as tf.Tensor2D, w(`${node.name}.weight`) as tf.Tensor2D), w(`${node.name}.bias`));
        break;
      case 'residual':
        y = tf.add(reference(node.body, y, w, training), reference(node.shortcut, y, w, training));
        break;
      default:
        node satisfies never;
    }
  }
  return y;
}

interface Case {
  readonly images: Float32Array;
  readonly imageShape: number[];
  readonly weights: { name: string; values: Float32Array; shape: number[] }[];
}

/** d(mean cross-entropy)/d(weights and images) by autodiff on tfjs's plain CPU backend. */
async function autodiff(
  nodes: readonly Node[],
  { images, imageShape, weights }: Case,
  labels: number[][],
  training: boolean,
): Promise<Map<string, Float32Array>> {
  const active = tf.getBackend();
  await tf.setBackend('cpu');
  // In train mode nothing depends on running statistics, and autodiff rejects variables that nothing depends on.
  const used = weights.filter(({ name }) => !(training && name.includes('running')));
  const names = used.map(({ name }) => name);
  const tensors = used.map(({ values, shape }) => lift(values, shape));
  const loss = (x: tf.Tensor, ...values: tf.Tensor[]): tf.Scalar => {
    const logits = reference(nodes, x, (name) => values[names.indexOf(name)]!, training);
    return tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), tf.tensor2d(labels)), 1)));
  };
  const gradients = tf.grads(loss as (...args: tf.Tensor[]) => tf.Tensor)([lift(images, imageShape), ...tensors]);
  const result = new Map(['images', ...names].map((name, i) => [name, gradients[i]!.dataSync() as Float32Array]));
  await tf.setBackend(active);
  return result;
}

function expectClose(actual: Float32Array, expected: Float32Array, what: string): void {
  const largest = expected.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-7);
  const worst = actual.reduce((m, v, i) => Math.max(m, Math.abs(v - expected[i]!)), 0);
  expect(worst / largest, `${what}: largest entry ${largest}, largest error ${worst}`).toBeLessThan(1e-4);
}

const names = ['mlp', 'convnet', 'vgg11-bn', 'preact-resnet18'] as const;
const labels = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
  [0, 1, 0],
];

describe.each(names)('%s', (name) => {
  const make = (
    activation: 'relu' | 'softplus',
    size?: number,
  ): { nodes: readonly Node[]; weights: Weights; images: tf.Tensor4D; plain: Case } => {
    const shape = shapeOf(activation, size);
    const nodes = networkNodes(small[name], shape);
    const weights = testWeights(nodes);
    const images = tf.clipByValue(tf.add(tf.mul(normal('images', [4, ...shape.image]), 0.2), 0.5), 0, 1) as tf.Tensor4D;
    const plain = {
      images: images.dataSync() as Float32Array,
      imageShape: images.shape as number[],
      weights: [...weights].map(([key, t]) => ({ name: key, values: t.dataSync() as Float32Array, shape: t.shape })),
    };
    return { nodes, weights, images, plain };
  };

  it.each([
    ['train', 16],
    ['eval', 16],
    ['train', 18],
  ] as const)('weight gradients with batch norm in %s mode at %i pixels equal autodiff', async (mode, size) => {
    const { nodes, weights, images, plain } = make('softplus', size);
    const state: PassState = { weights, batchNorm: mode, gradients: new Map(), running: new Map() };
    const pass = trainPass(nodes, images, state);
    pass.backward(tf.div(crossEntropyGradient(pass.logits, tf.tensor2d(labels)), 4));
    const actual = new Map([...state.gradients].map(([key, t]) => [key, t.dataSync() as Float32Array]));
    const expected = await autodiff(nodes, plain, labels, mode === 'train');
    const trainable = parameterSpecs(nodes).filter((spec) => spec.trainable);
    expect([...actual.keys()].sort()).toEqual(trainable.map((spec) => spec.name).sort());
    for (const [key, values] of actual) expectClose(values, expected.get(key)!, key);
    const hasBatchNorm = parameterSpecs(nodes).some((spec) => spec.name.endsWith('running_var'));
    expect(state.running.size > 0).toBe(mode === 'train' && hasBatchNorm);
  });

  it('input gradients of the frozen network equal autodiff', async () => {
    const { nodes, weights, images, plain } = make('softplus');
    const frozen = new FrozenNetwork(nodes, weights);
    const { value, pull } = frozen.trace(images);
    const gradient = pull(tf.div(crossEntropyGradient(value as tf.Tensor2D, tf.tensor2d(labels)), 4)).dataSync() as Float32Array;
    const expected = await autodiff(nodes, plain, labels, false);
    expectClose(gradient, expected.get('images')!, 'images');
  });

  it('the frozen network (folded, fused) and the train pass in eval mode give the same logits', () => {
    const { nodes, weights, images } = make('relu');
    const frozen = new FrozenNetwork(nodes, weights);
    const state: PassState = { weights, batchNorm: 'eval', gradients: new Map(), running: new Map() };
    expectClose(
      frozen.logits(images).dataSync() as Float32Array,
      trainPass(nodes, images, state).logits.dataSync() as Float32Array,
      'logits',
    );
  });

  it('names and sizes its layers as planning does, and traces to each of them', () => {
    const { nodes, weights, images } = make('relu');
    const frozen = new FrozenNetwork(nodes, weights);
    const expected = networkLayers(small[name]);
    expect(frozen.layers).toEqual(expected.map((layer) => layer.name));
    const { layers } = frozen.features(images);
    const shapes = layerShapesOf(small[name], [images.shape[1], images.shape[2], images.shape[3]]);
    for (const { name: layer, spatial, poolOf } of expected) {
      expect(layers.get(layer)!.shape.slice(1)).toEqual(spatial ? shapes.get(layer) : shapes.get(layer)!.slice(2));
      if (poolOf !== undefined) expect(tf.mean(layers.get(poolOf)!, [1, 2]).dataSync()).toEqual(layers.get(layer)!.dataSync());
      const { value, pull } = frozen.trace(images, layer);
      expectClose(value.dataSync() as Float32Array, layers.get(layer)!.dataSync() as Float32Array, layer);
      expect(pull(tf.onesLike(value)).shape).toEqual(images.shape);
    }
  });

  it('weights survive export and import, and misfits are all named', () => {
    const { nodes, weights } = make('relu');
    const specs = parameterSpecs(nodes);
    const arrays = exportWeights(weights);
    const again = exportWeights(importWeights(specs, arrays));
    expect(again).toEqual(arrays);
    const broken = [
      { name: 'classifier.weight', shape: [9, 9], data: new Float32Array(81) },
      ...arrays.slice(0, -2),
      { name: 'extra', shape: [1], data: new Float32Array(1) },
    ];
    expect(() => importWeights(specs, broken)).toThrow(WeightsMismatchError);
    expect(() => importWeights(specs, broken)).toThrow(
      /classifier\.weight is 9×9, expected.*classifier\.bias is missing.*extra \(1\) is unknown/,
    );
  });

  it('keeps no tensors', () => {
    const { nodes, weights, images } = make('relu');
    const before = tf.memory().numTensors;
    const frozen = new FrozenNetwork(nodes, weights);
    tf.tidy(() => void frozen.trace(images).pull(tf.zeros([4, 3])));
    frozen.logits(images).dispose();
    frozen.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
