/** A wave of two running workers, of the template `now`. */
import type { Wave } from '../cluster/jobs/pool-plan.ts';

export const wave = (index: number, change: Partial<Wave> = {}): Wave => ({
  name: `wave-${index}`,
  index,
  size: 2,
  ended: 0,
  finished: false,
  template: 'now',
  memoryStep: 0,
  failed: false,
  running: 2,
  outOfMemory: false,
  failuresBefore: 0,
  ...change,
});
