/**
 * The values of a network's parameters as tensors. In memory conv kernels are HWIO and dense kernels [in, out]; exported they are PyTorch's
 * OIHW and [out, in].
 */
import * as tf from '@tensorflow/tfjs-core';
import type { ParameterSpec } from '@ncsweep/catalog/network/parameters';

export type Weights = ReadonlyMap<string, tf.Tensor>;

/** A tensor in PyTorch layout. */
export interface NamedArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

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

const toTorch = (rank: number): number[] | undefined => (rank === 4 ? [3, 2, 0, 1] : rank === 2 ? [1, 0] : undefined);
const fromTorch = (rank: number): number[] | undefined => (rank === 4 ? [2, 3, 1, 0] : rank === 2 ? [1, 0] : undefined);

/** Reads tensors back from the device, in PyTorch layout. */
export function exportWeights(weights: Weights): readonly NamedArray[] {
  return [...weights].map(([name, tensor]) =>
    tf.tidy(() => {
      const permutation = toTorch(tensor.rank);
      const exported = permutation ? tf.transpose(tensor, permutation) : tensor;
      return { name, shape: exported.shape, data: Float32Array.from(exported.dataSync()) };
    }),
  );
}

/** Thrown when imported arrays do not fit the network; lists every difference. */
export class WeightsMismatchError extends Error {
  override readonly name = 'WeightsMismatchError';
}

/** The inverse of exportWeights. Ignores PyTorch's `num_batches_tracked`. @throws WeightsMismatchError */
export function importWeights(specs: readonly ParameterSpec[], arrays: readonly NamedArray[]): Weights {
  const byName = new Map(arrays.map((array) => [array.name, array]));
  const problems: string[] = [];
  for (const { name, shape } of specs) {
    const found = byName.get(name);
    const permutation = toTorch(shape.length);
    const expected = (permutation ? permutation.map((axis) => shape[axis]) : shape).join('×');
    if (!found) problems.push(`${name} is missing (expected ${expected})`);
    else if (found.shape.join('×') !== expected)
      problems.push(`${name} has shape ${found.shape.join('×')}, expected ${expected}`);
  }
  const known = new Set(specs.map(({ name }) => name));
  const extra = [...byName.keys()].filter((name) => !known.has(name) && !name.endsWith('num_batches_tracked'));
  if (extra.length > 0) problems.push(`unknown: ${extra.join(', ')}`);
  if (problems.length > 0) throw new WeightsMismatchError(`weights do not fit the architecture: ${problems.join('; ')}`);
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
