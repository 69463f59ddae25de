import { describe, expect, it } from 'vitest';
import { architectures, layerShapesOf, networkLayers, networkNodes, type ArchitectureParams } from './architectures.ts';
import type { Architecture } from './architectures/architecture.ts';
import { smallestParams } from './testing/smallest-params.ts';
import { readLayers } from './network/layers.ts';
import { multiplyAdds } from './network/multiply-adds.ts';
import { parameterSpecs } from './network/parameters.ts';

const normalisation = { mean: [0.5], std: [0.2] };
const shape = (side: number, channels = 1, classes = 5) => ({ image: [side, side, channels] as const, classes, normalisation });

const spatial = (...names: string[]) => names.map((name) => ({ name, spatial: true }));
const expected: readonly (readonly [ArchitectureParams, readonly unknown[]])[] = [
  [{ name: 'mlp', width: 8, depth: 2 }, [...spatial('input'), { name: 'fc1', spatial: false }, { name: 'fc2', spatial: false }]],
  [
    { name: 'convnet', width: 4, depth: 3 },
    [...spatial('input', 'conv1', 'conv2', 'conv3'), { name: 'gap', spatial: false, poolOf: 'conv3' }],
  ],
  [
    { name: 'vgg11-bn', width: 4, depth: 8 },
    [
      ...spatial('input', ...Array.from({ length: 8 }, (_, i) => `conv${i + 1}`)),
      { name: 'features', spatial: false, poolOf: 'conv8' },
    ],
  ],
  // Batch norm and ReLU come between the last block and the pool.
  [
    { name: 'preact-resnet18', width: 4, depth: 8 },
    [...spatial('input', 'conv1', ...Array.from({ length: 8 }, (_, i) => `block${i + 1}`)), { name: 'gap', spatial: false }],
  ],
];

it.each(expected)('%o has its layers', (params, layers) => {
  expect(networkLayers(params)).toEqual(layers);
});

describe.each(Object.values<Architecture>(architectures))('$name', (part) => {
  const params = smallestParams(part);

  it('has the same layers whatever the images are', () => {
    for (const each of [shape(part.smallestSide), shape(40, 3, 100)])
      expect(readLayers(networkNodes(params, each))).toEqual(networkLayers(params));
  });

  it('names the layer that its classifier sees last', () => {
    const nodes = networkNodes(params, shape(32));
    expect(nodes.at(-1)).toMatchObject({ kind: 'dense', name: 'classifier', outputs: 5 });
    expect(nodes.at(-2)).toEqual({ kind: 'tap', layer: networkLayers(params).at(-1)!.name });
  });

  it('has a name for each parameter', () => {
    const names = parameterSpecs(networkNodes(params, shape(32))).map((spec) => spec.name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(2);
  });
});

describe('multiply-adds', () => {
  it('count every layer of a perceptron', () => {
    expect(multiplyAdds(networkNodes({ name: 'mlp', width: 8, depth: 2 }, shape(6)), [6, 6, 1])).toBe(36 * 8 + 8 * 8 + 8 * 5);
  });

  it('follow strides and pools, and count shortcuts', () => {
    const nodes = networkNodes({ name: 'preact-resnet18', width: 1, depth: 8 }, shape(7));
    // The stem and four convolutions at 7×7; then stages at 4×4, 2×2 and 1×1: one widening convolution, three others, a shortcut.
    const stage = (inputs: number, pixels: number): number => (9 * 2 + 9 * 4 * 3 + 2) * inputs ** 2 * pixels;
    expect(multiplyAdds(nodes, [7, 7, 1])).toBe(9 * 5 * 49 + stage(1, 16) + stage(2, 4) + stage(4, 1) + 8 * 5);
  });
});

describe('shapes of layers', () => {
  it('follow strides and pools', () => {
    const shapes = (params: ArchitectureParams) => [...layerShapesOf(params, [28, 28, 1]).values()];
    const maps = (...pairs: [side: number, channels: number][]) => pairs.map(([side, channels]) => [side, side, channels]);
    expect(shapes({ name: 'mlp', width: 8, depth: 2 })).toEqual(maps([28, 1], [1, 8], [1, 8]));
    const convnet = maps([28, 1], [28, 4], [14, 8], [7, 16], [7, 16], [1, 16]);
    expect(shapes({ name: 'convnet', width: 4, depth: 4 })).toEqual(convnet);
    const vgg = maps([28, 1], [28, 1], [14, 2], [7, 4], [7, 4], [3, 8], [3, 8], [1, 8], [1, 8], [1, 8]);
    expect(shapes({ name: 'vgg11-bn', width: 1, depth: 8 })).toEqual(vgg);
  });
});
