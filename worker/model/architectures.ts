/** The architectures as node lists. Layer names must equal protocol/architectures.ts (a test holds them together). */
import type { ArchitectureParams } from '@ncsweep/catalog/architectures';
import type { Activation, Node } from './node.ts';

export interface NetworkShape {
  readonly architecture: ArchitectureParams;
  /** [height, width, channels] */
  readonly image: readonly [number, number, number];
  readonly classes: number;
  /** Per-channel normalisation, pixels in [0,1]. */
  readonly normalisation: { readonly mean: readonly number[]; readonly std: readonly number[] };
  /** relu but in tests that compare gradients, where kinks would hide errors. */
  readonly activation?: Activation;
}

const tap = (layer: string): Node => ({ kind: 'tap', layer });
const conv = (name: string, inputs: number, outputs: number, stride: 1 | 2 = 1, kernel: 1 | 3 = 3): Node => ({
  kind: 'conv',
  name,
  inputs,
  outputs,
  kernel,
  stride,
});
const batchNorm = (name: string, channels: number): Node => ({ kind: 'batchNorm', name, channels });

/** Nodes from pixels [B,H,W,C] in [0,1] to logits [B,K]. */
export function networkNodes(shape: NetworkShape): readonly Node[] {
  const start: Node[] = [tap('input'), { kind: 'normalise', ...shape.normalisation }];
  switch (shape.architecture.name) {
    case 'mlp':
      return [...start, ...mlp(shape)];
    case 'convnet':
      return [...start, ...convnet(shape)];
    case 'vgg11-bn':
      return [...start, ...vgg11(shape)];
    case 'preact-resnet18':
      return [...start, ...preactResnet18(shape)];
    default:
      return shape.architecture.name satisfies never;
  }
}

const activationOf = (shape: NetworkShape): Node => ({ kind: 'activation', fn: shape.activation ?? 'relu' });
const classifier = (inputs: number, { classes }: NetworkShape): Node => ({
  kind: 'dense',
  name: 'classifier',
  inputs,
  outputs: classes,
});

/** `depth` hidden layers of `width` units, each with ReLU. */
function mlp(shape: NetworkShape): Node[] {
  const { width, depth } = shape.architecture;
  const pixels = shape.image[0] * shape.image[1] * shape.image[2];
  const hidden = Array.from({ length: depth }, (_, i): Node[] => [
    { kind: 'dense', name: `fc${i + 1}`, inputs: i === 0 ? pixels : width, outputs: width },
    activationOf(shape),
    tap(`fc${i + 1}`),
  ]);
  return [{ kind: 'flatten' }, ...hidden.flat(), classifier(width, shape)];
}

/** conv3×3-BN-ReLU with width·(1, 2, 4, 4, …) channels, stride 2 at the second and third, then global average pool. */
function convnet(shape: NetworkShape): Node[] {
  const { width, depth } = shape.architecture;
  const channels = (i: number): number => width * Math.min(4, 2 ** i);
  const blocks = Array.from({ length: depth }, (_, i): Node[] => [
    conv(`conv${i + 1}`, i === 0 ? shape.image[2] : channels(i - 1), channels(i), i === 1 || i === 2 ? 2 : 1),
    batchNorm(`bn${i + 1}`, channels(i)),
    activationOf(shape),
    tap(`conv${i + 1}`),
  ]);
  return [...blocks.flat(), { kind: 'globalAveragePool' }, tap('gap'), classifier(channels(depth - 1), shape)];
}

/** VGG11 with batch norm (Simonyan & Zisserman 2015, configuration A); four max-pools, then global average pool instead of the fifth. */
function vgg11(shape: NetworkShape): Node[] {
  const { width } = shape.architecture;
  const multiples = [1, 2, 4, 4, 8, 8, 8, 8];
  const pooledAfter = new Set([1, 2, 4, 6]);
  const blocks = multiples.map((multiple, i): Node[] => [
    conv(`conv${i + 1}`, i === 0 ? shape.image[2] : width * multiples[i - 1]!, width * multiple),
    batchNorm(`bn${i + 1}`, width * multiple),
    activationOf(shape),
    tap(`conv${i + 1}`),
    ...(pooledAfter.has(i + 1) ? ([{ kind: 'maxPool' }] as const) : []),
  ]);
  return [...blocks.flat(), { kind: 'globalAveragePool' }, tap('features'), classifier(8 * width, shape)];
}

/** Pre-activation ResNet18 (He et al. 2016) for small images: stem 3×3, four stages of two blocks, BN-ReLU, global average pool. */
function preactResnet18(shape: NetworkShape): Node[] {
  const { width } = shape.architecture;
  const nodes: Node[] = [conv('conv1', shape.image[2], width), tap('conv1')];
  let inputs = width;
  for (let block = 1; block <= 8; block++) {
    const outputs = width * 2 ** Math.floor((block - 1) / 2);
    nodes.push(...preactBlock(`block${block}`, inputs, outputs, shape), tap(`block${block}`));
    inputs = outputs;
  }
  return [
    ...nodes,
    batchNorm('bn', inputs),
    activationOf(shape),
    { kind: 'globalAveragePool' },
    tap('gap'),
    classifier(inputs, shape),
  ];
}

/** A widening block also halves the image; its projection shortcut reads the activated input, as in the paper's code. */
function preactBlock(name: string, inputs: number, outputs: number, shape: NetworkShape): Node[] {
  const opening = [batchNorm(`${name}.bn1`, inputs), activationOf(shape)];
  const stride = outputs === inputs ? 1 : 2;
  const body = [
    conv(`${name}.conv1`, inputs, outputs, stride),
    batchNorm(`${name}.bn2`, outputs),
    activationOf(shape),
    conv(`${name}.conv2`, outputs, outputs),
  ];
  if (stride === 1) return [{ kind: 'residual', body: [...opening, ...body], shortcut: [] }];
  return [...opening, { kind: 'residual', body, shortcut: [conv(`${name}.shortcut`, inputs, outputs, 2, 1)] }];
}
