/** The status of a running engine: two training tasks in the queue, two cells being computed. */
import type { EngineStatus } from '../engine/queue/sweep-engine.ts';

export const engineStatus = (change: Partial<EngineStatus> = {}): EngineStatus => ({
  counts: { total: 8, cached: 0, done: 3, running: 2, waiting: 3, parked: 0, blocked: 0 },
  trialsDone: 5,
  active: true,
  etaSeconds: 754,
  parked: new Map(),
  stuck: new Map(),
  queued: { train: 1, evaluate: 2 },
  memorySteps: { train: 0, evaluate: 0 },
  heldBy: new Map(),
  finished: false,
  ...change,
});
