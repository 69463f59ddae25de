/**
 * The values of a network's parameters as tensors. In memory, conv kernels are HWIO and dense kernels [in, out]; exported, they have PyTorch's
 * OIHW and [out, in].
 */
import * as tf from '@tensorflow/tfjs-core';
import type { ParameterSpec } from '@ncsweep/catalog/network/parameters';
import { torchAxes } from '@ncsweep/catalog/network/weights-fit';
import { checkFit, type NamedArray } from './weights-file.ts';

export type Weights = ReadonlyMap<string, tf.Tensor>;

/** @param uniform fills with draws from [0,1), keyed by the parameter's name */
export function initialWeights(specs: readonly ParameterSpec[], uniform: (name: string, out: Float32Array) => void): Weights {
  return new Map(
    specs.map(({ name, shape, init }) => {
      if ('value' in init) return [name, tf.fill([...shape], init.value)];
      const draws = new Float32Array(shape.reduce((a, b) => a * b, 1));
      uniform(name, draws);
      return [
        name,
        tf.tensor(
          draws.map((u) => (2 * u - 1) * init.bound),
          [...shape],
        ),
      ];
    }),
  );
}

const fromTorch = (rank: number): number[] | undefined => (rank === 4 ? [2, 3, 1, 0] : rank === 2 ? [1, 0] : undefined);

/** Reads tensors back from the device, in PyTorch layout. */
export function exportWeights(weights: Weights): readonly NamedArray[] {
  return [...weights].map(([name, tensor]) =>
    tf.tidy(() => {
      const permutation = torchAxes(tensor.rank);
      const exported = permutation ? tf.transpose(tensor, [...permutation]) : tensor;
      return { name, shape: exported.shape, data: Float32Array.from(exported.dataSync()) };
    }),
  );
}

/** The inverse of exportWeights. Ignores PyTorch's `num_batches_tracked`. @throws WeightsMismatchError */
export function importWeights(specs: readonly ParameterSpec[], arrays: readonly NamedArray[]): Weights {
  checkFit(specs, arrays);
  const byName = new Map(arrays.map((array) => [array.name, array]));
  return new Map(
    specs.map(({ name }) => {
      const { shape, data } = byName.get(name)!;
      const permutation = fromTorch(shape.length);
      return [
        name,
        tf.tidy(() => (permutation ? tf.transpose(tf.tensor(data, [...shape]), permutation) : tf.tensor(data, [...shape]))),
      ];
    }),
  );
}

export function disposeWeights(weights: Weights): void {
  for (const tensor of weights.values()) tensor.dispose();
}
