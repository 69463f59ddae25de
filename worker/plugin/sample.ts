/** What parts of plug-ins are tried on: a small network and its images, the same ones as in Python (python/src/ncsweep_torch/plugin/sample.py). */
import * as tf from '@tensorflow/tfjs-core';
import type { Node } from '@ncsweep/catalog/network/node';
import { parameterSpecs } from '@ncsweep/catalog/network/parameters';
import type { PluginPart } from '@ncsweep/catalog/plugins/manifest';
import type { ParameterValues } from '@ncsweep/catalog/plugins/names';
import type { ParameterSchema } from '@ncsweep/catalog/plugins/parameter';
import { uniformDraws } from '../attack/draws.ts';
import { importWeights, type Weights } from '../model/weights.ts';
import { fillNormal, randomKey } from '../random.ts';

/** [height, width, channels] */
export const sampleImage = [8, 8, 3] as const;
export const sampleClasses = 4;
export const sampleCount = 16;
export const sampleSeed = 1;
export const sampleNodes: readonly Node[] = [
  { kind: 'conv', name: 'conv1', inputs: 3, outputs: 6, kernel: 3, stride: 1 },
  { kind: 'activation', fn: 'softplus' },
  { kind: 'globalAveragePool' },
  { kind: 'dense', name: 'classifier', inputs: 6, outputs: sampleClasses },
];

/** In PyTorch's layout. */
const shapes = { 'conv1.weight': [6, 3, 3, 3], 'classifier.weight': [sampleClasses, 6], 'classifier.bias': [sampleClasses] };

const draws = (name: string, size: number): Float32Array => {
  const values = new Float32Array(size);
  fillNormal(randomKey(sampleSeed, name), 0, values);
  return values.map((value) => value * 0.5);
};

/** @returns the caller's to dispose */
export function sampleWeights(): Weights {
  const arrays = Object.entries(shapes).map(([name, shape]) => {
    return {
      name,
      shape,
      data: draws(
        name,
        shape.reduce((a, b) => a * b),
      ),
    };
  });
  return importWeights(parameterSpecs(sampleNodes), arrays);
}

export const sampleIndices: Int32Array = Int32Array.from({ length: sampleCount }, (_, i) => i);

/** [B,H,W,C] in [0,1]. @returns the caller's to dispose */
export const sampleImages = (indices: Int32Array): tf.Tensor4D => uniformDraws(sampleSeed, 'images', indices, sampleImage);

/** One-hot [B,K]. @returns the caller's to dispose */
export const sampleLabels = (indices: Int32Array): tf.Tensor2D =>
  tf.tidy(() => {
    const labels = tf.tensor1d(
      indices.map((i) => i % sampleClasses),
      'int32',
    );
    return tf.cast(tf.oneHot(labels, sampleClasses), 'float32') as tf.Tensor2D;
  });

/** What must hold, and what was found instead; undefined: all is well. */
export type Check = readonly [name: string, run: () => string | undefined];

const anyValue = (schema: ParameterSchema): number | boolean | string => {
  if (schema.type === 'string') return schema.enum[0]!;
  return schema.type === 'boolean' ? false : (schema.minimum ?? 1);
};

/** Defaults; where there is none, the smallest value. */
export const sampleValues = ({ params }: PluginPart): ParameterValues =>
  Object.fromEntries(Object.entries(params).map(([name, schema]) => [name, schema.default ?? anyValue(schema)]));
