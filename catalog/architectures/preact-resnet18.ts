import { activation, batchNorm, classifier, conv, tap, type NetworkShape } from '../network/blocks.ts';
import type { Node } from '../network/node.ts';
import { defineArchitecture } from './architecture.ts';
import { width } from './sizes.ts';

/** A widening block also halves the image; its projection shortcut reads the activated input, as in the paper's code. */
function preactBlock(name: string, inputs: number, outputs: number, shape: NetworkShape): Node[] {
  const opening = [batchNorm(`${name}.bn1`, inputs), activation(shape)];
  const stride = outputs === inputs ? 1 : 2;
  const body = [
    conv(`${name}.conv1`, inputs, outputs, stride),
    batchNorm(`${name}.bn2`, outputs),
    activation(shape),
    conv(`${name}.conv2`, outputs, outputs),
  ];
  if (stride === 1) return [{ kind: 'residual', body: [...opening, ...body], shortcut: [] }];
  return [...opening, { kind: 'residual', body, shortcut: [conv(`${name}.shortcut`, inputs, outputs, 2, 1)] }];
}

export const preactResnet18 = defineArchitecture({
  name: 'preact-resnet18',
  summary:
    'Pre-activation ResNet18 (He et al. 2016) for small images: a 3×3 stem, four stages of two blocks, batch norm and ReLU, global average pool',
  fields: { width: width(64).describe('channels of the first block') },
  lacks: { depth: 'its depth is fixed' },
  constants: { depth: 8 },
  smoke: { width: 4 },
  smallestSide: 8,
  nodes: ({ width }, shape) => {
    const nodes: Node[] = [conv('conv1', shape.image[2], width), tap('conv1')];
    let inputs = width;
    for (let block = 1; block <= 8; block++) {
      const outputs = width * 2 ** Math.floor((block - 1) / 2);
      nodes.push(...preactBlock(`block${block}`, inputs, outputs, shape), tap(`block${block}`));
      inputs = outputs;
    }
    const end: Node[] = [batchNorm('bn', inputs), activation(shape), { kind: 'globalAveragePool' }, tap('gap')];
    return [...nodes, ...end, classifier(inputs, shape)];
  },
});
