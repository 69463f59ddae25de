/** Whether a store's lock is held by a live process. Pure. */
import { z } from 'zod';

export const lockRecord = z.object({
  v: z.literal(1),
  /** Unique for each acquisition of the lock. */
  token: z.string(),
  pid: z.int(),
  /** Start of the process in clock ticks since boot, to detect a reused pid; empty where the system does not report it. */
  processStart: z.string(),
  /** Identifies the machine's current boot; empty where the system does not report it. */
  bootId: z.string(),
  host: z.string(),
  command: z.string(),
  sweep: z.string(),
  sinceMs: z.int(),
  heartbeatMs: z.int(),
});
export type LockRecord = z.infer<typeof lockRecord>;

/** This machine, as the lock is judged by it. */
export interface Machine {
  readonly host: string;
  readonly bootId: string;
  /** Start of a running process, as in the lock; undefined when no process has this pid. */
  processStart(pid: number): string | undefined;
}

export const lockHeartbeatMs = 15_000;
/** A lock held on another machine is stale when it has not been renewed for this long, ms. */
export const lockStaleMs = 4 * lockHeartbeatMs;

/** @returns why the lock is stale, for people; undefined when it is held */
export function staleReason(lock: LockRecord, machine: Machine, nowMs: number): string | undefined {
  if (lock.host !== machine.host) {
    const silentMs = nowMs - lock.heartbeatMs;
    return silentMs > lockStaleMs ? `${lock.host} has not renewed it for ${Math.round(silentMs / 1000)} s` : undefined;
  }
  if (lock.bootId !== machine.bootId) return 'the machine was restarted since';
  const start = machine.processStart(lock.pid);
  if (start === undefined) return `process ${lock.pid} is gone`;
  return start === lock.processStart ? undefined : `process id ${lock.pid} now belongs to another program`;
}
