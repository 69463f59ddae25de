/**
 * Parameters by PyTorch names: conv `<name>.weight`; dense `<name>.weight`, `.bias`; batch norm `.weight`, `.bias`, `.running_mean`,
 * `.running_var`. In memory conv kernels are HWIO and dense kernels [in, out]; exported they are PyTorch's OIHW and [out, in].
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Node } from './node.ts';

export type Weights = ReadonlyMap<string, tf.Tensor>;

export interface ParameterSpec {
  readonly name: string;
  /** In memory. */
  readonly shape: readonly number[];
  /** Half-width of the uniform initialisation, or the constant it starts from. */
  readonly init: { readonly bound: number } | { readonly value: number };
  /** False for running statistics, which no gradient moves. */
  readonly trainable: boolean;
}

/** A tensor in PyTorch layout. */
export interface NamedArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Every parameter of a network, in node order. Initial values are PyTorch's defaults: U(±1/√fan_in); batch norm 1 and 0. */
export function parameterSpecs(nodes: readonly Node[]): readonly ParameterSpec[] {
  return nodes.flatMap((node): readonly ParameterSpec[] => {
    switch (node.kind) {
      case 'conv': {
        const bound = 1 / Math.sqrt(node.inputs * node.kernel ** 2);
        const shape = [node.kernel, node.kernel, node.inputs, node.outputs];
        return [{ name: `${node.name}.weight`, shape, init: { bound }, trainable: true }];
      }
      case 'dense': {
        const init = { bound: 1 / Math.sqrt(node.inputs) };
        return [
          { name: `${node.name}.weight`, shape: [node.inputs, node.outputs], init, trainable: true },
          { name: `${node.name}.bias`, shape: [node.outputs], init, trainable: true },
        ];
      }
      case 'batchNorm': {
        const each = (suffix: string, value: number, trainable: boolean): ParameterSpec => ({
          name: `${node.name}.${suffix}`,
          shape: [node.channels],
          init: { value },
          trainable,
        });
        return [each('weight', 1, true), each('bias', 0, true), each('running_mean', 0, false), each('running_var', 1, false)];
      }
      case 'residual':
        return [...parameterSpecs(node.body), ...parameterSpecs(node.shortcut)];
      default:
        return [];
    }
  });
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
