/** What the orchestrator tells a pool's workers, and what a worker says about the task it holds. */
import { z } from 'zod';

export const poolControl = z.object({
  v: z.literal(1),
  /** Waves whose workers exit when idle. */
  drainWaves: z.array(z.string()),
  /** Workers finish what they have and take nothing new. */
  pause: z.boolean(),
});
export type PoolControl = z.infer<typeof poolControl>;

export const hold = z.object({
  v: z.literal(1),
  sweep: z.string(),
  worker: z.string(),
  wave: z.string(),
  taskId: z.string(),
});
export type Hold = z.infer<typeof hold>;
