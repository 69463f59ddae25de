/** Weights in a file, in PyTorch's layout. No tensors, so that a supervisor can read them. */
import type { ParameterSpec } from '@ncsweep/catalog/network/parameters';
import { weightsMisfit } from '@ncsweep/catalog/network/weights-fit';
import { decodeSafetensors, type NamedTensor } from '@ncsweep/protocol/safetensors';

/** A tensor in PyTorch layout. */
export interface NamedArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Thrown when imported arrays do not fit the network. */
export class WeightsMismatchError extends Error {
  override readonly name = 'WeightsMismatchError';
}

/** @throws WeightsMismatchError */
export function checkFit(specs: readonly ParameterSpec[], arrays: readonly NamedArray[]): void {
  const misfit = weightsMisfit(specs, arrays);
  if (misfit !== undefined)
    throw new WeightsMismatchError(
      `weights do not fit the architecture: ${misfit.count}. Differences: ${misfit.differences}. Probably ${misfit.cause}`,
    );
}

const asArray = ({ name, shape, data }: NamedTensor): NamedArray => ({ name, shape, data: Float32Array.from(data) });

/** @param place names the file in errors @throws InvalidFilesError */
export const arraysFromBytes = (bytes: Uint8Array, place: string): readonly NamedArray[] =>
  decodeSafetensors(bytes, place).map(asArray);

/** The arrays of a network's parameters, in their order; others are left out. @throws InvalidFilesError, WeightsMismatchError */
export function parametersFromBytes(specs: readonly ParameterSpec[], bytes: Uint8Array, place: string): readonly NamedArray[] {
  const arrays = arraysFromBytes(bytes, place);
  checkFit(specs, arrays);
  const byName = new Map(arrays.map((array) => [array.name, array]));
  return specs.map(({ name }) => byName.get(name)!);
}
