import { activation, classifier, dense, tap } from '../network/blocks.ts';
import type { Node } from '../network/node.ts';
import { defineArchitecture } from './architecture.ts';
import { depth, width } from './sizes.ts';

export const mlp = defineArchitecture({
  name: 'mlp',
  summary: 'Fully connected: hidden layers of equal size with ReLU, applied to all pixels',
  fields: {
    width: width(256).describe('units per hidden layer'),
    depth: depth(3).describe('number of hidden layers'),
  },
  smoke: { width: 4 },
  smallestSide: 1,
  nodes: ({ width, depth }, shape) => {
    const [height, side, channels] = shape.image;
    const hidden = Array.from({ length: depth }, (_, i): Node[] => [
      dense(`fc${i + 1}`, i === 0 ? height * side * channels : width, width),
      activation(shape),
      tap(`fc${i + 1}`),
    ]);
    return [{ kind: 'flatten' }, ...hidden.flat(), classifier(width, shape)];
  },
});
