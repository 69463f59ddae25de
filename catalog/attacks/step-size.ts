/** The step of an iterated attack: absolute, or relative to its budget. */
import { formatRational, fraction, parseRational } from '@ncsweep/protocol/rational';
import { z } from 'zod';
import { notation } from '../fields.ts';
import { stepSize as written } from '../language/notations.ts';

const stored = z.discriminatedUnion('kind', [
  /** A fixed step in pixel units. */
  z.object({ kind: z.literal('absolute'), value: fraction }),
  /** A multiple of the attack's epsilon. */
  z.object({ kind: z.literal('relative'), value: fraction }),
]);
export type StepSize = z.infer<typeof stored>;

const nothing = { expected: 'a step above 0', remedy: 'as in 2/255 or eps/4' };

/** "2/255" → absolute; "eps/4", "5/6*eps", "eps" → relative to the budget; rejected for a step of 0 or a division by zero. */
export const stepSize = notation(
  written,
  (entry, refuse) => {
    const text = String(entry).replaceAll(/\s/g, '');
    const divided = /^eps(?:\/(\d+))?$/.exec(text);
    const factor = divided ? parseRational(`1/${divided[1] ?? 1}`) : parseRational(text.replace(/\*eps$/, ''));
    if (factor === undefined || factor.num === 0n) return refuse(nothing);
    return { kind: text.includes('eps') ? 'relative' : 'absolute', value: formatRational(factor) } as const;
  },
  stored,
);
