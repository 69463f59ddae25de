/** What an architecture is: a list of nodes made from its fields. Layers, parameters and costs are derived from the nodes. */
import type { Fields, Values } from '../fields.ts';
import type { NetworkShape } from '../network/blocks.ts';
import type { Node } from '../network/node.ts';
import type { Constants, None, Part } from '../part.ts';

export interface Architecture<
  Name extends string = string,
  F extends Fields = Fields,
  C extends Constants = Constants,
> extends Part<Name, F> {
  /** Values in ids besides the fields. */
  readonly constants: C;
  /** Smallest image side, in pixels, that survives the strides and pools. */
  readonly smallestSide: number;
  /** Upper bounds of fields in a smoke run, where the network only has to exist. */
  readonly smoke: { readonly [K in keyof F]?: number };
  /** From normalised pixels to logits: every layer to be measured has a tap, and the last tap precedes the classifier. */
  nodes(values: Values<F>, shape: NetworkShape): readonly Node[];
}

/** Defines an architecture; `constants` only where earlier ids held more than its fields. */
export const defineArchitecture = <const Name extends string, F extends Fields, const C extends Constants = None>(
  part: Omit<Architecture<Name, F, C>, 'constants' | 'science'> & { readonly constants?: C; readonly science?: number },
): Architecture<Name, F, C> => ({ science: 1, constants: {} as C, ...part });
