import { activation, batchNorm, classifier, conv, tap } from '../network/blocks.ts';
import type { Node } from '../network/node.ts';
import { defineArchitecture } from './architecture.ts';
import { width } from './sizes.ts';

/** Channels of each convolution, as multiples of the width. */
const multiples = [1, 2, 4, 4, 8, 8, 8, 8];
const pooledAfter = new Set([1, 2, 4, 6]);

export const vgg11Bn = defineArchitecture({
  name: 'vgg11-bn',
  summary:
    'VGG11 with batch norm (Simonyan & Zisserman 2015, configuration A); four max-pools, then global average pool instead of the fifth',
  fields: { width: width(64).describe('channels of the first block') },
  lacks: { depth: 'its depth is fixed' },
  constants: { depth: 8 },
  smoke: { width: 4 },
  smallestSide: 16,
  nodes: ({ width }, shape) => {
    const blocks = multiples.map((multiple, i): Node[] => [
      conv(`conv${i + 1}`, i === 0 ? shape.image[2] : width * multiples[i - 1]!, width * multiple),
      batchNorm(`bn${i + 1}`, width * multiple),
      activation(shape),
      tap(`conv${i + 1}`),
      ...(pooledAfter.has(i + 1) ? ([{ kind: 'maxPool' }] as const) : []),
    ]);
    return [...blocks.flat(), { kind: 'globalAveragePool' }, tap('features'), classifier(8 * width, shape)];
  },
});
