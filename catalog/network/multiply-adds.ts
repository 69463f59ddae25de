/** The arithmetic of a forward pass, read off a network's nodes: what costs are counted in. */
import type { Node } from './node.ts';

interface Counted {
  readonly multiplyAdds: number;
  /** Height and width behind the node; 1 for a vector. */
  readonly size: readonly [number, number];
}

const each = ([height, width]: Counted['size'], change: (side: number) => number): Counted['size'] => [
  change(height),
  change(width),
];

function count(node: Node, size: Counted['size']): Counted {
  switch (node.kind) {
    case 'conv': {
      const after = each(size, (side) => Math.ceil(side / node.stride));
      return { multiplyAdds: node.kernel ** 2 * node.inputs * node.outputs * after[0] * after[1], size: after };
    }
    case 'dense':
      return { multiplyAdds: node.inputs * node.outputs, size };
    case 'maxPool':
      return { multiplyAdds: 0, size: each(size, (side) => Math.floor(side / 2)) };
    case 'globalAveragePool':
    case 'flatten':
      return { multiplyAdds: 0, size: [1, 1] };
    case 'residual': {
      const body = countAll(node.body, size);
      return { multiplyAdds: body.multiplyAdds + countAll(node.shortcut, size).multiplyAdds, size: body.size };
    }
    case 'normalise':
    case 'batchNorm':
    case 'activation':
    case 'tap':
      return { multiplyAdds: 0, size };
    default:
      return node satisfies never;
  }
}

function countAll(nodes: readonly Node[], size: Counted['size']): Counted {
  return nodes.reduce<Counted>(
    (sofar, node) => {
      const next = count(node, sofar.size);
      return { multiplyAdds: sofar.multiplyAdds + next.multiplyAdds, size: next.size };
    },
    { multiplyAdds: 0, size },
  );
}

/** Multiply-adds of convolutions and dense layers for one example. @param image [height, width, channels] */
export const multiplyAdds = (nodes: readonly Node[], [height, width]: readonly [number, number, number]): number =>
  countAll(nodes, [height, width]).multiplyAdds;
