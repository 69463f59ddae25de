/**
 * Waves of a pool whose workers never start working: they crash at start, or run out of memory before they hold a task. The next
 * wave waits longer each time, gets more memory where that was the cause, and after a bounded number of failures no more waves are
 * created. Pure.
 *
 * What happens to a worker that holds a task is a matter of the task: its attempt ends, and after a bounded number of them its cell
 * is parked.
 */
import { newWaveEveryMs, type Wave } from './pool-plan.ts';

/** The state of one pool, kept by the leader; a new leader continues from what the newest wave says. */
export interface StartTrouble {
  /** Digest of what pods are made of, except their memory: an edit starts the count afresh. */
  readonly base: string;
  /** Consecutive waves whose workers never started working, not counting those that lacked memory. */
  readonly failures: number;
  /** How many memory increases the workers need to start. */
  readonly memoryStep: number;
  /** The last wave that was counted. */
  readonly counted: string | undefined;
  /** No wave is created before this time. */
  readonly backOffUntilMs: number;
  /** Waves whose workers were seen working. */
  readonly worked: readonly string[];
}

/**
 * A pool gives up after this many consecutive failures, or when memory has grown this often (to 25 times) and still does not
 * suffice.
 */
export const mostFailedWaves = 5;
const mostMemorySteps = 8;
const longestBackOffMs = 300_000;

export const hasGivenUp = ({ failures, memoryStep }: StartTrouble): boolean =>
  failures >= mostFailedWaves || memoryStep > mostMemorySteps;

interface PoolSeen {
  readonly waves: readonly Wave[];
  readonly base: string;
  /** Whether a wave has this base, with any amount of memory. */
  readonly isOfBase: (wave: Wave) => boolean;
  /** Names of the waves whose workers hold a task now. */
  readonly busy: ReadonlySet<string>;
}

/** @param before the state after the last pass; undefined: nobody has looked yet */
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
  // Larger pods need not wait for a back-off.
  if (newest.outOfMemory)
    return { ...seen, memoryStep: Math.max(known.memoryStep, newest.memoryStep + 1), backOffUntilMs: nowMs };
  const failures = known.failures + 1;
  return { ...seen, failures, backOffUntilMs: nowMs + Math.min(longestBackOffMs, newWaveEveryMs * 2 ** (failures - 1)) };
}
