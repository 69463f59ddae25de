/**
 * The parameters of a network, derived from its nodes, under PyTorch's names: conv `<name>.weight`; dense `<name>.weight`, `.bias`; batch
 * norm `.weight`, `.bias`, `.running_mean`, `.running_var`. In memory conv kernels are HWIO and dense kernels [in, out].
 */
import type { Node, NodeOf } from './node.ts';

export interface ParameterSpec {
  readonly name: string;
  /** Shape in memory. */
  readonly shape: readonly number[];
  /** Half-width of the uniform initialisation, or a constant initial value. */
  readonly init: { readonly bound: number } | { readonly value: number };
  /** False for running statistics, which no gradient moves. */
  readonly trainable: boolean;
}

function convolution({ name, inputs, outputs, kernel }: NodeOf<'conv'>): readonly ParameterSpec[] {
  const init = { bound: 1 / Math.sqrt(inputs * kernel ** 2) };
  return [{ name: `${name}.weight`, shape: [kernel, kernel, inputs, outputs], init, trainable: true }];
}

function dense({ name, inputs, outputs }: NodeOf<'dense'>): readonly ParameterSpec[] {
  const init = { bound: 1 / Math.sqrt(inputs) };
  return [
    { name: `${name}.weight`, shape: [inputs, outputs], init, trainable: true },
    { name: `${name}.bias`, shape: [outputs], init, trainable: true },
  ];
}

function batchNorm({ name, channels }: NodeOf<'batchNorm'>): readonly ParameterSpec[] {
  const each = (suffix: string, value: number, trainable: boolean): ParameterSpec => ({
    name: `${name}.${suffix}`,
    shape: [channels],
    init: { value },
    trainable,
  });
  return [each('weight', 1, true), each('bias', 0, true), each('running_mean', 0, false), each('running_var', 1, false)];
}

/** Every parameter, in node order. Initial values are PyTorch's defaults: U(±1/√fan_in); batch norm 1 and 0. */
export function parameterSpecs(nodes: readonly Node[]): readonly ParameterSpec[] {
  return nodes.flatMap((node): readonly ParameterSpec[] => {
    switch (node.kind) {
      case 'conv':
        return convolution(node);
      case 'dense':
        return dense(node);
      case 'batchNorm':
        return batchNorm(node);
      case 'residual':
        return [...parameterSpecs(node.body), ...parameterSpecs(node.shortcut)];
      case 'normalise':
      case 'activation':
      case 'maxPool':
      case 'globalAveragePool':
      case 'flatten':
      case 'tap':
        return [];
      default:
        return node satisfies never;
    }
  });
}
