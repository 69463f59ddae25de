/** The arithmetic of a forward pass and the shapes that it produces, derived from a network's nodes: the basis of costs and sizes. */
import type { Node } from './node.ts';

/** [height, width, channels]; a vector of d numbers is [1, 1, d]. */
export type FeatureShape = readonly [number, number, number];

interface Counted {
  readonly multiplyAdds: number;
  /** Shape of the node's output. */
  readonly shape: FeatureShape;
}

function count(node: Node, shape: FeatureShape): Counted {
  const [height, width, channels] = shape;
  switch (node.kind) {
    case 'conv': {
      const [after, across] = [height, width].map((side) => Math.ceil(side / node.stride)) as [number, number];
      const multiplyAdds = node.kernel ** 2 * node.inputs * node.outputs * after * across;
      return { multiplyAdds, shape: [after, across, node.outputs] };
    }
    case 'dense':
      return { multiplyAdds: node.inputs * node.outputs, shape: [1, 1, node.outputs] };
    case 'maxPool':
      return { multiplyAdds: 0, shape: [Math.floor(height / 2), Math.floor(width / 2), channels] };
    case 'globalAveragePool':
      return { multiplyAdds: 0, shape: [1, 1, channels] };
    case 'flatten':
      return { multiplyAdds: 0, shape: [1, 1, height * width * channels] };
    case 'residual': {
      const body = countAll(node.body, shape);
      return { multiplyAdds: body.multiplyAdds + countAll(node.shortcut, shape).multiplyAdds, shape: body.shape };
    }
    case 'normalise':
    case 'batchNorm':
    case 'activation':
    case 'tap':
      return { multiplyAdds: 0, shape };
    default:
      return node satisfies never;
  }
}

function countAll(nodes: readonly Node[], shape: FeatureShape): Counted {
  return nodes.reduce<Counted>(
    (sofar, node) => {
      const next = count(node, sofar.shape);
      return { multiplyAdds: sofar.multiplyAdds + next.multiplyAdds, shape: next.shape };
    },
    { multiplyAdds: 0, shape },
  );
}

/** Multiply-adds of convolutions and dense layers for one example. */
export const multiplyAdds = (nodes: readonly Node[], image: FeatureShape): number => countAll(nodes, image).multiplyAdds;

/** Shape of each named layer's features of one example. @param nodes of a whole network */
export function layerShapes(nodes: readonly Node[], image: FeatureShape): ReadonlyMap<string, FeatureShape> {
  const shapes = new Map<string, FeatureShape>();
  let shape = image;
  for (const node of nodes) {
    if (node.kind === 'tap') shapes.set(node.layer, shape);
    shape = count(node, shape).shape;
  }
  return shapes;
}
