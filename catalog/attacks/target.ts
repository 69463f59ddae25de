/** What a targeted attack aims at. */
import { z } from 'zod';

/** `next-class`: label y + 1. */
export const attackTargets = ['none', 'next-class'] as const;
export type AttackTarget = (typeof attackTargets)[number];

/** Of an attack that tries one wrong class after the other. */
export const targets = z
  .int()
  .min(1)
  .max(999)
  .default(9)
  .describe('wrong classes tried for each image, the likeliest first; all of them if there are fewer');

export const target = z.enum(attackTargets).default('none').describe('next-class aims at label y+1');
