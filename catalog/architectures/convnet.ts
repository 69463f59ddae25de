import { activation, batchNorm, classifier, conv, tap } from '../network/blocks.ts';
import type { Node } from '../network/node.ts';
import { defineArchitecture } from './architecture.ts';
import { depth, width } from './sizes.ts';

export const convnet = defineArchitecture({
  name: 'convnet',
  summary:
    'Small network for small images: 3×3 convolutions with batch norm and ReLU, width·(1, 2, 4, 4, …) channels, stride 2 at the second and third, then global average pool',
  fields: {
    width: width(16).describe('channels of the first block'),
    depth: depth(4).describe('convolutions'),
  },
  smoke: { width: 4 },
  smallestSide: 4,
  nodes: ({ width, depth }, shape) => {
    const channels = (i: number): number => width * Math.min(4, 2 ** i);
    const blocks = Array.from({ length: depth }, (_, i): Node[] => [
      conv(`conv${i + 1}`, i === 0 ? shape.image[2] : channels(i - 1), channels(i), i === 1 || i === 2 ? 2 : 1),
      batchNorm(`bn${i + 1}`, channels(i)),
      activation(shape),
      tap(`conv${i + 1}`),
    ]);
    return [...blocks.flat(), { kind: 'globalAveragePool' }, tap('gap'), classifier(channels(depth - 1), shape)];
  },
});
