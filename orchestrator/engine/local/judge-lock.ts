/** Whether a store's lock is held by somebody alive. Pure. */
import { z } from 'zod';

export const lockRecord = z.object({
  v: z.literal(1),
  /** Unique for each taking of the lock. */
  token: z.string(),
  pid: z.int(),
  /** Start of the process in clock ticks since boot; empty where the system does not tell. Tells a reused pid apart. */
  processStart: z.string(),
  /** Of the machine since its last start; empty where the system does not tell. */
  bootId: z.string(),
  host: z.string(),
  command: z.string(),
  sweep: z.string(),
  sinceMs: z.int(),
  heartbeatMs: z.int(),
});
export type LockRecord = z.infer<typeof lockRecord>;

/** This machine, for judging. */
export interface Machine {
  readonly host: string;
  readonly bootId: string;
  /** Start of a running process as in the lock; undefined when there is none with this pid. */
  processStart(pid: number): string | undefined;
}

export const lockHeartbeatMs = 15_000;
/** A lock of another machine that was not renewed for so long is stale, ms. */
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
  return start === lock.processStart ? undefined : `process ${lock.pid} is another one by now`;
}
