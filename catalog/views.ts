/** What metrics are measured on: the layers of a network, each turned into vectors in one or two ways. */
import { networkLayers, type ArchitectureParams } from './architectures.ts';
import { poolingsOf } from './network/layers.ts';
import type { Pooling } from './axes.ts';

/** A layer under one pooling. */
export interface View {
  readonly layer: string;
  readonly pooling: Pooling;
}

/** In depth order; the last is what the linear classifier sees. */
export const viewsOf = (architecture: ArchitectureParams): readonly View[] =>
  networkLayers(architecture).flatMap((layer) => poolingsOf(layer).map((pooling) => ({ layer: layer.name, pooling })));

/** An earlier view with identical features, or the view itself. */
export function originOf(view: View, architecture: ArchitectureParams): View {
  const origin = networkLayers(architecture).find(({ name }) => name === view.layer)?.poolOf;
  return origin === undefined ? view : { layer: origin, pooling: 'gap' };
}

/** E.g. "conv1/flatten": its name in means.safetensors. */
export const viewKey = ({ layer, pooling }: { readonly layer: string; readonly pooling: string }): string =>
  `${layer}/${pooling}`;
