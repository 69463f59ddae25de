/** What a training loss is. Its kernel, forward and backward, is registered under its name in a compute program. */
import type { AttackStart } from '@ncsweep/protocol/compute/task-document';
import type { Fields } from '../fields.ts';
import type { Constants, None, Part } from '../part.ts';

export interface Loss<Name extends string = string, F extends Fields = Fields, C extends Constants = Constants> extends Part<
  Name,
  F
> {
  /** Values in ids besides the fields. */
  readonly constants: C;
  /** `always`: it needs adversarial examples, so a training has an attack even if none is written. */
  readonly adversarial: 'always' | 'optional';
  /** What its attack climbs: the cross-entropy with the labels, or the divergence from the predictions of the clean images. */
  readonly objective: 'ce' | 'kl';
  /** Where its adversarial examples start, if the loss rather than the attack determines that. */
  readonly start?: AttackStart;
  /** The same, for people. */
  readonly startsAt?: string;
  /** Forward and backward passes through the network per update. */
  readonly updatePasses: number;
}

/** Defines a loss; `constants` only where earlier ids held more than its fields. */
export const defineLoss = <const Name extends string, F extends Fields, const C extends Constants = None>(
  part: Omit<Loss<Name, F, C>, 'constants' | 'science' | 'objective'> & {
    readonly constants?: C;
    readonly science?: number;
    readonly objective?: 'ce' | 'kl';
  },
): Loss<Name, F, C> => ({ science: 1, objective: 'ce', constants: {} as C, ...part });
