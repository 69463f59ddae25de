/**
 * How many workers a pool should have, and in which waves. Pure. A wave is a Job whose size never changes: a pool grows by adding a
 * wave, and shrinks by letting the idle workers of its newest waves end.
 */
import type { Task } from '@ncsweep/protocol/messages';

export type TaskClass = Task['class'];
export const taskClasses = ['train', 'evaluate'] as const satisfies readonly TaskClass[];

/** A wave that exists as a Job. */
export interface Wave {
  readonly name: string;
  readonly index: number;
  /** Number of workers it was created with. */
  readonly size: number;
  /** Number of workers that ended for good, successfully or not. */
  readonly ended: number;
  /** The Job is over, or being deleted. */
  readonly finished: boolean;
  /** The Job is over, and failed. */
  readonly failed: boolean;
  /** Number of pods whose worker is running now. */
  readonly running: number;
  /** One of its pods was killed because it ran out of memory. */
  readonly outOfMemory: boolean;
  /** Consecutive waves before this one whose workers never started working. */
  readonly failuresBefore: number;
  /** Digest of what its pods were made from. */
  readonly template: string;
  /** How often its pods' memory was increased. */
  readonly memoryStep: number;
}

export interface PoolState {
  readonly waves: readonly Wave[];
  /** How many workers the pool should have. */
  readonly wanted: number;
  /** Digest of what pods would be made from now. */
  readonly template: string;
  /** Since when the pool has had more workers than wanted; undefined when it has not. */
  readonly idleSinceMs: number | undefined;
  /** How many workers the limits of the namespace have room for; default: any number. */
  readonly room?: number;
  /** Other sweeps are waiting for what the pool has beyond `wanted`. */
  readonly yields?: boolean;
  /** No wave is created before this time, because the last ones failed. Default: none did. */
  readonly backOffUntilMs?: number;
  /** The wave that was last created, even if its Job is gone. undefined: another leader created it, or there was none. */
  readonly last?: MadeWave | undefined;
}

export interface MadeWave {
  /** Never reused: a cluster may still be busy with a deleted Job of that name. */
  readonly index: number;
  /** By the caller's clock: the API server's may differ by hours. */
  readonly madeMs: number;
}

export interface PoolPlan {
  readonly create?: { readonly index: number; readonly size: number };
  /** Waves whose workers end once they are idle. */
  readonly drain: readonly string[];
}

export const mostWaves = 20;
export const newWaveEveryMs = 10_000;
/** A pool that has been too large for this long shrinks. */
const idleMs = 30_000;

/**
 * How often the memory of new pods is increased: as often as a queued task needs, and never less than for any live wave, so that a
 * pool does not go back and forth, and a new leader continues where this one was.
 */
export const memoryStepOf = (waves: readonly Wave[], needed: number): number =>
  Math.max(needed, ...waves.filter((wave) => liveOf(wave) > 0).map(({ memoryStep }) => memoryStep));

export const liveOf = ({ size, ended, finished }: Wave): number => (finished ? 0 : size - ended);

/** Number of workers in waves of the current template. */
export const capacityOf = ({ waves, template }: Pick<PoolState, 'waves' | 'template'>): number =>
  waves.filter((wave) => wave.template === template).reduce((sum, wave) => sum + liveOf(wave), 0);

export function planPool(state: PoolState, nowMs: number): PoolPlan {
  const {
    waves,
    wanted,
    template,
    idleSinceMs,
    last = { index: -1, madeMs: -Infinity },
    room = Infinity,
    yields = false,
    backOffUntilMs = -Infinity,
  } = state;
  const live = waves.filter((wave) => liveOf(wave) > 0);
  const outdated = live.filter((wave) => wave.template !== template).map(({ name }) => name);
  const capacity = capacityOf(state);
  if (capacity < wanted) {
    const isTime = nowMs - last.madeMs >= newWaveEveryMs && nowMs >= backOffUntilMs;
    const mayCreate = live.length < mostWaves && isTime;
    const index = Math.max(last.index, ...waves.map((wave) => wave.index)) + 1;
    const size = Math.min(wanted - capacity, room);
    const replaced = live.length < mostWaves ? [] : smallWaves(state, size);
    const drain = [...outdated, ...replaced];
    return mayCreate && size > 0 ? { drain, create: { index, size } } : { drain };
  }
  const mayShrink = yields || (idleSinceMs !== undefined && nowMs - idleSinceMs >= idleMs);
  return { drain: [...outdated, ...(mayShrink ? surplus(state, capacity) : [])] };
}

/**
 * Waves whose Jobs are to be deleted: those of an earlier template when none of their workers is running, since none would hear
 * that it should end; and failed ones except the newest, whose pods show why.
 */
export function uselessWaves({ waves, template }: Pick<PoolState, 'waves' | 'template'>): string[] {
  const newest = Math.max(...waves.map(({ index }) => index));
  const isStuck = (wave: Wave): boolean => wave.template !== template && liveOf(wave) > 0 && wave.running === 0;
  return waves.filter((wave) => isStuck(wave) || (wave.failed && wave.index < newest)).map(({ name }) => name);
}

/**
 * A pool that grew in small steps has no place for another wave: its smallest waves give way, as long as they have no more than
 * `missing` workers together.
 */
function smallWaves({ waves, template }: PoolState, missing: number): string[] {
  let workers = 0;
  const ascending = waves.filter((w) => w.template === template && liveOf(w) > 0).sort((a, b) => liveOf(a) - liveOf(b));
  return ascending.filter((wave) => (workers += liveOf(wave)) <= missing).map(({ name }) => name);
}

/**
 * The newest waves that the pool can do without; all of them if no worker is wanted. A wave that is partly needed drains too if
 * most of it is surplus, so that the last long task does not hold the devices of a thousand idle workers. In a pool that yields it
 * always drains: draining stops when enough of its workers have ended.
 */
function surplus({ waves, wanted, template, yields = false }: PoolState, capacity: number): string[] {
  const drained: string[] = [];
  let left = capacity;
  for (const wave of waves.filter((w) => w.template === template && liveOf(w) > 0).sort((a, b) => b.index - a.index)) {
    if (left <= wanted) break;
    const needed = wanted - (left - liveOf(wave));
    if (!yields && needed > liveOf(wave) / 2) continue;
    left -= liveOf(wave);
    drained.push(wave.name);
  }
  return drained;
}

/**
 * Shares a sweep's workers between its classes by their queued tasks: a class never gets more workers than it has tasks, and no
 * class with tasks goes without a worker while there are at least two.
 */
export function shareWorkers(queued: Readonly<Record<TaskClass, number>>, parallelism: number): Record<TaskClass, number> {
  const total = queued.train + queued.evaluate;
  if (total <= parallelism) return { ...queued };
  if (parallelism < 2 || queued.evaluate === 0 || queued.train === 0) {
    const train = Math.min(queued.train, parallelism);
    return { train, evaluate: Math.min(queued.evaluate, parallelism - train) };
  }
  const proportional = Math.round((parallelism * queued.train) / total);
  const train = Math.min(queued.train, Math.max(1, Math.min(parallelism - 1, proportional)));
  return { train, evaluate: Math.min(queued.evaluate, parallelism - train) };
}
