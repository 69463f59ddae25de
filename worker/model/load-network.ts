/** From a lineage and a weights file to nodes and tensors. */
import { networkNodes, type ArchitectureParams } from '@ncsweep/catalog/architectures';
import { parameterSpecs, type ParameterSpec } from '@ncsweep/catalog/network/parameters';
import type { Dataset } from '../data/dataset.ts';
import { decodeSafetensors, encodeSafetensors, type NamedTensor } from '../safetensors.ts';
import { FrozenNetwork } from './frozen-network.ts';
import type { Node } from '@ncsweep/catalog/network/node';
import { disposeWeights, exportWeights, importWeights, type NamedArray, type Weights } from './weights.ts';

export function nodesFor(architecture: ArchitectureParams, { classes, image, normalisation }: Dataset): readonly Node[] {
  return networkNodes(architecture, { classes, image, normalisation });
}

const asArray = ({ name, shape, data }: NamedTensor): NamedArray => ({ name, shape, data: Float32Array.from(data) });

/** @param place names the file in errors @throws InvalidFilesError, WeightsMismatchError */
export const weightsFromBytes = (specs: readonly ParameterSpec[], bytes: Uint8Array, place = 'weights.safetensors'): Weights =>
  importWeights(specs, decodeSafetensors(bytes, place).map(asArray));

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
export function loadNetwork(architecture: ArchitectureParams, dataset: Dataset, bytes: Uint8Array): LoadedNetwork {
  const nodes = nodesFor(architecture, dataset);
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
