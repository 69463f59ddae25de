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
import {
  pluggedArchitecture,
  pluggedArchitectureShape,
  pluggedLayers,
  pluggedShapes,
  type PluggedArchitecture,
} from './plugins/plugged-architecture.ts';
import { pluggable } from './plugins/pluggable.ts';
import { byName, paramsShape, paramsUnion, type ParamsOf } from './part.ts';
import type { PartKind } from './part-kind.ts';

export const architectures = byName([mlp, convnet, vgg11Bn, preactResnet18]);

export const architectureKind = {
  title: 'architecture',
  key: 'name',
  parts: { ...architectures, plugin: pluggable('a network') },
} as const satisfies PartKind;

type Known = (typeof architectures)[keyof typeof architectures];
/** An architecture of this catalog. */
export type CatalogArchitecture = Known extends infer A
  ? A extends Architecture<infer Name, infer F, infer C>
    ? ParamsOf<'name', Name, F, C>
    : never
  : never;

export type ArchitectureParams = CatalogArchitecture | PluggedArchitecture;

export const architectureParams = paramsUnion<ArchitectureParams>('name', [
  ...Object.values<Architecture>(architectures).map((part) => paramsShape('name', part, part.constants)),
  pluggedArchitectureShape,
]);

/** An architecture by its params, whatever its fields. */
export const architectureOf = (params: Pick<CatalogArchitecture, 'name'> | PluggedArchitecture): Architecture =>
  params.name === 'plugin' ? pluggedArchitecture(params) : architectures[params.name];

/** Params of an architecture from the values of its fields. */
export const asArchitectureParams = ({ name, constants }: Architecture, values: Values<Fields>): CatalogArchitecture =>
  ({ name, ...values, ...constants }) as unknown as CatalogArchitecture;

/** Nodes from pixels [B,H,W,C] in [0,1] to logits [B,K]. @throws TypeError for a network of a plug-in */
export const networkNodes = (params: ArchitectureParams, shape: NetworkShape): readonly Node[] => [
  tap('input'),
  { kind: 'normalise', ...shape.normalisation },
  ...architectureOf(params).nodes(params, shape),
];

/** Any image will do: names and kinds of layers do not depend on it. */
const anyShape: NetworkShape = { image: [64, 64, 3], classes: 2, normalisation: { mean: [0, 0, 0], std: [1, 1, 1] } };

/** A cache, because every point of a sweep needs its layers. */
const known = new WeakMap<ArchitectureParams, readonly Layer[]>();

const layersOf = (params: ArchitectureParams): readonly Layer[] =>
  params.name === 'plugin' ? pluggedLayers(params) : readLayers(networkNodes(params, anyShape));

/** The layers of a network, in depth order. */
export function networkLayers(params: ArchitectureParams): readonly Layer[] {
  const layers = known.get(params) ?? layersOf(params);
  known.set(params, layers);
  return layers;
}

/** Shape of each layer's features of one example. @param image [height, width, channels] */
export const layerShapesOf = (params: ArchitectureParams, image: FeatureShape): ReadonlyMap<string, FeatureShape> =>
  params.name === 'plugin' ? pluggedShapes(params) : layerShapes(networkNodes(params, { ...anyShape, image }), image);
