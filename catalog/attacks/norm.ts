/** The norms of budgets. */
import { z } from 'zod';

export const norms = ['linf', 'l2'] as const;
export type Norm = (typeof norms)[number];

export const norm = z.enum(norms);
