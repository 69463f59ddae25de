/** The architectures, and what planning knows about a network without building it. */
import { convnet } from './architectures/convnet.ts';
import { mlp } from './architectures/mlp.ts';
import { preactResnet18 } from './architectures/preact-resnet18.ts';
import { vgg11Bn } from './architectures/vgg11-bn.ts';
import type { Architecture } from './architectures/architecture.ts';
import type { Fields, Values } from './fields.ts';
import { tap, type NetworkShape } from './network/blocks.ts';
import { readLayers, type Layer } from './network/layers.ts';
import { layerShapes, type FeatureShape } from './network/multiply-adds.ts';
import type { Node } from './network/node.ts';
import { byName, paramsShape, paramsUnion, type ParamsOf } from './part.ts';
import type { PartKind } from './part-kind.ts';

export const architectures = byName([mlp, convnet, vgg11Bn, preactResnet18]);

export const architectureKind = { title: 'architecture', key: 'name', parts: architectures } as const satisfies PartKind;

type Known = (typeof architectures)[keyof typeof architectures];
export type ArchitectureParams = Known extends infer A
  ? A extends Architecture<infer Name, infer F, infer C>
    ? ParamsOf<'name', Name, F, C>
    : never
  : never;

export const architectureParams = paramsUnion<ArchitectureParams>(
  'name',
  Object.values<Architecture>(architectures).map((part) => paramsShape('name', part, part.constants)),
);

/** An architecture by its params, whatever its fields. */
export const architectureOf = ({ name }: Pick<ArchitectureParams, 'name'>): Architecture => architectures[name];

/** Params of an architecture from the values of its fields. */
export const asArchitectureParams = ({ name, constants }: Architecture, values: Values<Fields>): ArchitectureParams =>
  ({ name, ...values, ...constants }) as unknown as ArchitectureParams;

/** Nodes from pixels [B,H,W,C] in [0,1] to logits [B,K]. */
export const networkNodes = (params: ArchitectureParams, shape: NetworkShape): readonly Node[] => [
  tap('input'),
  { kind: 'normalise', ...shape.normalisation },
  ...architectureOf(params).nodes(params, shape),
];

/** Any image will do: names and kinds of layers do not depend on it. */
const anyShape: NetworkShape = { image: [64, 64, 3], classes: 2, normalisation: { mean: [0, 0, 0], std: [1, 1, 1] } };

/** A cache, because every point of a sweep needs its layers. */
const known = new WeakMap<ArchitectureParams, readonly Layer[]>();

/** The layers of a network, in depth order. */
export function networkLayers(params: ArchitectureParams): readonly Layer[] {
  const layers = known.get(params) ?? readLayers(networkNodes(params, anyShape));
  known.set(params, layers);
  return layers;
}

/** Shape of each layer's features of one example. @param image [height, width, channels] */
export const layerShapesOf = (params: ArchitectureParams, image: FeatureShape): ReadonlyMap<string, FeatureShape> =>
  layerShapes(networkNodes(params, { ...anyShape, image }), image);
