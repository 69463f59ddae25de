/**
 * Waves of a pool whose workers never come to work: they crash at start, or are killed for memory before they hold a task. The next wave
 * waits longer each time, has more memory where that lacked, and after a bounded number none is made any more. Pure.
 *
 * What happens to a worker that holds a task is the task's affair: its attempt ends, and its cell is parked after a bounded number of them.
 */
import { newWaveEveryMs, type Wave } from './pool-plan.ts';

/** Of a pool, counted by the leader; a new one goes on from what the newest wave says. */
export interface StartTrouble {
  /** Digest of what pods are made of, but for their memory: an edit begins anew. */
  readonly base: string;
  /** Waves in succession whose workers never came to work, but for those that lacked memory. */
  readonly failures: number;
  /** How often memory must have grown for workers to start. */
  readonly memoryStep: number;
  /** The wave that was counted last. */
  readonly counted: string | undefined;
  /** No wave is made before. */
  readonly backOffUntilMs: number;
  /** Waves whose workers were seen to work. */
  readonly worked: readonly string[];
}

/** After so many waves in succession a pool gives up, and when memory has grown so often (to 25 times) and still lacks. */
export const mostFailedWaves = 5;
const mostMemorySteps = 8;
const longestBackOffMs = 300_000;

export const hasGivenUp = ({ failures, memoryStep }: StartTrouble): boolean =>
  failures >= mostFailedWaves || memoryStep > mostMemorySteps;

interface PoolSeen {
  readonly waves: readonly Wave[];
  readonly base: string;
  /** Whether a wave is of this base, with any memory. */
  readonly isOfBase: (wave: Wave) => boolean;
  /** Names of waves whose workers hold a task now. */
  readonly busy: ReadonlySet<string>;
}

/** @param before as it was at the last pass; undefined: nobody looked yet */
export function seeStarts(
  before: StartTrouble | undefined,
  { waves, base, isOfBase, busy }: PoolSeen,
  nowMs: number,
): StartTrouble {
  const newest = waves
    .filter(isOfBase)
    .reduce<Wave | undefined>((a, b) => (a === undefined || b.index > a.index ? b : a), undefined);
  const fresh = {
    base,
    failures: newest?.failuresBefore ?? 0,
    memoryStep: 0,
    counted: undefined,
    backOffUntilMs: -Infinity,
    worked: [],
  };
  const known: StartTrouble = before?.base === base ? before : fresh;
  const worked = waves.filter(({ name }) => busy.has(name) || known.worked.includes(name)).map(({ name }) => name);
  if (newest === undefined) return { ...known, worked };
  if (worked.includes(newest.name)) return { ...known, worked, failures: 0 };
  if (newest.name === known.counted || !(newest.failed || newest.outOfMemory)) return { ...known, worked };
  const seen = { ...known, worked, counted: newest.name };
  // Larger pods need not wait.
  if (newest.outOfMemory)
    return { ...seen, memoryStep: Math.max(known.memoryStep, newest.memoryStep + 1), backOffUntilMs: nowMs };
  const failures = known.failures + 1;
  return { ...seen, failures, backOffUntilMs: nowMs + Math.min(longestBackOffMs, newWaveEveryMs * 2 ** (failures - 1)) };
}
