/** A network as a compute task describes it: nodes, stored shapes, initial values and layers. */
import type { Network } from '@ncsweep/protocol/compute/network';
import type { NetworkShape } from './blocks.ts';
import { readLayers } from './layers.ts';
import { layerShapes } from './multiply-adds.ts';
import type { Node } from './node.ts';
import { parameterSpecs, type ParameterSpec } from './parameters.ts';
import { torchAxes } from './weights-fit.ts';

function documented({ name, shape, init, trainable }: ParameterSpec): Network['parameters'][number] {
  const axes = torchAxes(shape.length) ?? shape.map((_, axis) => axis);
  const stored = { name, shape: axes.map((axis) => shape[axis]!), trainable };
  if ('value' in init) return { ...stored, init: { kind: 'constant', value: init.value } };
  return { ...stored, init: { kind: 'uniform', bound: init.bound, drawShape: [...shape], axes: [...axes] } };
}

/** @param nodes of a whole network for images of this shape */
export function networkDocument(nodes: readonly Node[], image: NetworkShape['image']): Network {
  const shapes = layerShapes(nodes, image);
  return {
    nodes,
    parameters: parameterSpecs(nodes).map(documented),
    layers: readLayers(nodes).map(({ name, spatial }) => ({ name, shape: [...shapes.get(name)!], spatial })),
  };
}
