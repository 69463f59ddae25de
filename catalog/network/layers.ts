/** The named layers of a network, derived from its nodes. */
import { poolings, type Pooling } from '../axes.ts';
import type { Node } from './node.ts';

export interface Layer {
  readonly name: string;
  /** A feature map [H,W,C], so that flatten and gap differ; otherwise a vector [D]. */
  readonly spatial: boolean;
  /** The layer whose global average pool this one is: what is measured there under `gap` holds here too. */
  readonly poolOf?: string;
}

const makesVector = ({ kind }: Node): boolean => kind === 'globalAveragePool' || kind === 'flatten' || kind === 'dense';

/** Raw pixels first; the last is what the linear classifier sees. @param nodes of a whole network */
export function readLayers(nodes: readonly Node[]): readonly Layer[] {
  const layers: Layer[] = [];
  let spatial = true;
  /** The layer that the current value is, or is the pool of; undefined after any other operation. */
  let here: string | undefined;
  let isPooled = false;
  for (const node of nodes) {
    if (node.kind === 'tap') {
      layers.push({ name: node.layer, spatial, ...(isPooled && here !== undefined ? { poolOf: here } : {}) });
      [here, isPooled] = [node.layer, false];
    } else if (node.kind === 'globalAveragePool' && spatial && !isPooled) isPooled = true;
    else [here, isPooled] = [undefined, false];
    if (makesVector(node)) spatial = false;
  }
  return layers;
}

/** The poolings under which a layer is measured: a vector has only one form, called `flatten`. */
export const poolingsOf = (layer: Layer): readonly Pooling[] => (layer.spatial ? poolings : ['flatten']);
