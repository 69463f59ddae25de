/** What a training loss is. Its kernel, forward and backward, is registered under its name in a compute program. */
import type { Fields } from '../fields.ts';
import type { Constants, None, Part } from '../part.ts';

export interface Loss<Name extends string = string, F extends Fields = Fields, C extends Constants = Constants> extends Part<
  Name,
  F
> {
  /** Values in ids beside the fields. */
  readonly constants: C;
  /** `always`: it compares with adversarial examples, so that a training has an attack though none is written. */
  readonly adversarial: 'always' | 'optional';
  /** Where its adversarial examples start, when that is its own and no field of the attack. */
  readonly startsAt?: string;
  /** Forward and backward passes through the network that an update makes. */
  readonly updatePasses: number;
}

/** A loss; `constants` only where ids had more than its fields before. */
export const defineLoss = <const Name extends string, F extends Fields, const C extends Constants = None>(
  part: Omit<Loss<Name, F, C>, 'constants' | 'science'> & { readonly constants?: C; readonly science?: number },
): Loss<Name, F, C> => ({ science: 1, constants: {} as C, ...part });
