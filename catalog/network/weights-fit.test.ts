import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { architectures, asArchitectureParams, networkNodes, type ArchitectureParams } from '../architectures.ts';
import type { Architecture } from '../architectures/architecture.ts';
import { parameterSpecs, type ParameterSpec } from './parameters.ts';
import { torchAxes, weightsMisfit, type NamedShape } from './weights-fit.ts';

interface Size {
  readonly classes?: number;
  readonly channels?: number;
  readonly side?: number;
}

function specsOf(
  name: keyof typeof architectures,
  values = {},
  { classes = 10, channels = 3, side = 32 }: Size = {},
): readonly ParameterSpec[] {
  const part: Architecture = architectures[name];
  const fields = z.object(part.fields).parse(values);
  const params: ArchitectureParams = asArchitectureParams(part, fields);
  const shape = { image: [side, side, channels], classes, normalisation: { mean: [0, 0, 0], std: [1, 1, 1] } } as const;
  return parameterSpecs(networkNodes(params, shape));
}

const tensorsOf = (specs: readonly ParameterSpec[]): NamedShape[] =>
  specs.map(({ name, shape }) => ({ name, shape: torchAxes(shape.length)?.map((axis) => shape[axis]!) ?? shape }));

const names = Object.keys(architectures) as (keyof typeof architectures)[];

/** Names and shapes of torchvision.models.resnet18, version 0.20, for its first block and its end. */
const torchvision: NamedShape[] = [
  { name: 'conv1.weight', shape: [64, 3, 7, 7] },
  { name: 'bn1.weight', shape: [64] },
  { name: 'layer1.0.conv1.weight', shape: [64, 64, 3, 3] },
  { name: 'layer1.0.bn1.weight', shape: [64] },
  { name: 'fc.weight', shape: [1000, 512] },
  { name: 'fc.bias', shape: [1000] },
];

describe('weightsMisfit', () => {
  it.each(names)('accepts the parameters of %s, in any order and with counted batches', (name) => {
    const tensors = tensorsOf(specsOf(name)).reverse();
    expect(weightsMisfit(specsOf(name), [...tensors, { name: 'bn1.num_batches_tracked', shape: [] }])).toBeUndefined();
  });

  it.each(names)('refuses %s without any one of its parameters, or with one of another shape', (name) => {
    const specs = specsOf(name);
    const tensors = tensorsOf(specs);
    for (const [i, tensor] of tensors.entries()) {
      expect(weightsMisfit(specs, tensors.toSpliced(i, 1))?.differences).toContain(`${tensor.name} is missing`);
      const wrong = tensors.with(i, { name: tensor.name, shape: [...tensor.shape, 1] });
      expect(weightsMisfit(specs, wrong)?.differences).toContain(`${tensor.name} is ${[...tensor.shape, 1].join('×')}, expected`);
    }
  });

  it('says in few words how far a file fits and what is different', () => {
    const specs = specsOf('preact-resnet18');
    expect(weightsMisfit(specs, torchvision)).toEqual({
      count: `0 of ${specs.length} parameters match (6 tensors in the file)`,
      differences: expect.stringMatching(
        /^conv1\.weight is 64×3×7×7, expected 64×3×3×3; block1\.bn1\.weight is missing.*; and \d+ more$/,
      ) as unknown,
      cause: expect.stringMatching(/^this is torchvision's ResNet/) as unknown,
    });
  });

  it.each([
    [
      'DataParallel',
      tensorsOf(specsOf('convnet')).map(({ name, shape }) => ({ name: `module.${name}`, shape })),
      /begin with "module\."/,
    ],
    [
      'a wrapper',
      tensorsOf(specsOf('convnet')).map(({ name, shape }) => ({ name: `model.net.${name}`, shape })),
      /"model\.net\."/,
    ],
    ['other classes', tensorsOf(specsOf('convnet', {}, { classes: 100 })), /for 100 classes; the dataset has 10/],
    ['other channels', tensorsOf(specsOf('convnet', {}, { channels: 1 })), /images of 1 channels; the dataset has 3/],
    ['another width', tensorsOf(specsOf('convnet', { width: 32 })), /another width: its first layer has 32 outputs, expected 16/],
    ['another depth', tensorsOf(specsOf('convnet', { depth: 6 })), /another depth/],
    ['biases', [...tensorsOf(specsOf('convnet')), { name: 'conv1.bias', shape: [16] }], /convolutions have a bias/],
    ['a transformer', [{ name: 'vit.cls_token', shape: [1, 1, 768] }], /a vision transformer/],
    ['nothing known', [{ name: 'w', shape: [3] }], /another architecture, or other names/],
  ])('guesses %s', (_, tensors, cause) => {
    expect(weightsMisfit(specsOf('convnet'), tensors)?.cause).toMatch(cause);
  });
});
