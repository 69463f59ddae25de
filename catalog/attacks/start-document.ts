/** Where an attack starts, as a compute task says it. */
import type { AttackStart } from '@ncsweep/protocol/compute/task-document';
import type { Norm } from './norm.ts';
import { defaultStart, type RandomStart } from './random-start.ts';

interface Started {
  readonly norm: Norm;
  readonly randomStart: boolean;
  readonly start?: RandomStart | undefined;
}

export function startDocument({ norm, randomStart, start = defaultStart[norm] }: Started): AttackStart {
  if (!randomStart) return { kind: 'clean' };
  return { kind: norm === 'linf' ? 'box' : start };
}
