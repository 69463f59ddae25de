/** From a lineage and a weights file to nodes and tensors. */
import { parameterSpecs, type ParameterSpec } from '@ncsweep/catalog/network/parameters';
import { encodeSafetensors } from '@ncsweep/protocol/safetensors';
import { FrozenNetwork } from './frozen-network.ts';
import type { Node } from '@ncsweep/catalog/network/node';
import { disposeWeights, exportWeights, importWeights, type Weights } from './weights.ts';
import { arraysFromBytes } from './weights-file.ts';

/** @param place names the file in errors @throws InvalidFilesError, WeightsMismatchError */
export const weightsFromBytes = (specs: readonly ParameterSpec[], bytes: Uint8Array, place = 'weights.safetensors'): Weights =>
  importWeights(specs, arraysFromBytes(bytes, place));

/** Also used for momentum, which has the names and layouts of the weights. */
export const weightsToBytes = (weights: Weights): Uint8Array => encodeSafetensors(exportWeights(weights));

/** Specs of the trainable parameters, which are those that have momentum. */
export const velocitySpecs = (nodes: readonly Node[]): readonly ParameterSpec[] =>
  parameterSpecs(nodes).filter((spec) => spec.trainable);

/** What evaluating a snapshot needs. */
export interface LoadedNetwork {
  /** The caller's to dispose. */
  readonly network: FrozenNetwork;
  /** Weights of the linear classifier [K,d]. */
  readonly classifier: Float64Array;
}

/** @param bytes of a weights file @throws InvalidFilesError, WeightsMismatchError */
export function loadNetwork(nodes: readonly Node[], bytes: Uint8Array): LoadedNetwork {
  const weights = weightsFromBytes(parameterSpecs(nodes), bytes);
  const [dimension = 0, classes = 0] = weights.get('classifier.weight')!.shape;
  const kernel = weights.get('classifier.weight')!.dataSync(); // [d,K]
  const classifier = Float64Array.from(
    { length: classes * dimension },
    (_, i) => kernel[(i % dimension) * classes + Math.floor(i / dimension)]!,
  );
  const network = new FrozenNetwork(nodes, weights);
  disposeWeights(weights);
  return { network, classifier };
}
