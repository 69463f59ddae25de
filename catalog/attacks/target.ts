/** What a targeted attack aims at. */
import { z } from 'zod';

/** `next-class`: label y + 1. */
export const attackTargets = ['none', 'next-class'] as const;
export type AttackTarget = (typeof attackTargets)[number];

export const target = z.enum(attackTargets).default('none').describe('next-class aims at label y+1');
