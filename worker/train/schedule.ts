import type { Schedule } from '@ncsweep/protocol/compute/task-document';

/** Learning rate at a step. `cosine`: half a cosine to 0, per step (Loshchilov & Hutter 2017). @param step counts from 0 */
export function learningRate(schedule: Schedule, step: number): number {
  if (schedule.kind === 'cosine') return schedule.rate * 0.5 * (1 + Math.cos(Math.PI * (step / schedule.steps)));
  return schedule.rates.findLast(({ from }) => from <= step)?.rate ?? 0;
}
