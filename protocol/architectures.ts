/** Named layers of each architecture, in depth order: planning counts them without building a network. */
import type { ArchitectureParams } from './params.ts';

export interface LayerName {
  readonly name: string;
  /** A feature map [H,W,C], so that flatten and gap differ; otherwise a vector [D]. */
  readonly spatial: boolean;
  /** The layer whose global average pool this one is: what is measured there under `gap` holds here too. */
  readonly poolOf?: string;
}

export type Pooling = 'flatten' | 'gap';

const numbered = (prefix: string, n: number): LayerName[] =>
  Array.from({ length: n }, (_, i) => ({ name: `${prefix}${i + 1}`, spatial: prefix !== 'fc' }));

const input: LayerName = { name: 'input', spatial: true };
const vector = (name: string): LayerName => ({ name, spatial: false });
const poolOf = (layer: string, name: string): LayerName => ({ ...vector(name), poolOf: layer });

/** Raw pixels first; the last is what the linear classifier sees. */
export function layerNames(architecture: Pick<ArchitectureParams, 'name' | 'depth'>): readonly LayerName[] {
  switch (architecture.name) {
    case 'mlp':
      return [input, ...numbered('fc', architecture.depth)];
    case 'convnet':
      return [input, ...numbered('conv', architecture.depth), poolOf(`conv${architecture.depth}`, 'gap')];
    case 'vgg11-bn':
      return [input, ...numbered('conv', 8), poolOf('conv8', 'features')];
    case 'preact-resnet18':
      return [input, { name: 'conv1', spatial: true }, ...numbered('block', 8), vector('gap')];
    default:
      return architecture.name satisfies never;
  }
}

/** The poolings under which a layer is measured: a vector has only one form, called `flatten`. */
export const poolingsOf = (layer: LayerName): readonly Pooling[] => (layer.spatial ? ['flatten', 'gap'] : ['flatten']);

/** A layer under one pooling: what metrics are measured on. */
export interface View {
  readonly layer: string;
  readonly pooling: Pooling;
}

type Layered = Parameters<typeof layerNames>[0];

export const viewsOf = (architecture: Layered): readonly View[] =>
  layerNames(architecture).flatMap((layer) => poolingsOf(layer).map((pooling) => ({ layer: layer.name, pooling })));

/** An earlier view with the very same features, or the view itself. */
export function originOf(view: View, architecture: Layered): View {
  const origin = layerNames(architecture).find(({ name }) => name === view.layer)?.poolOf;
  return origin === undefined ? view : { layer: origin, pooling: 'gap' };
}

/** E.g. "conv1/flatten": its name in means.safetensors. */
export const viewKey = ({ layer, pooling }: { readonly layer: string; readonly pooling: string }): string =>
  `${layer}/${pooling}`;
