/**
 * At most one `run` or `gc` works on a store at a time (docs/adr/0005). The lock prevents accidental double work; results are
 * correct without it.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { DecodeError } from '@ncsweep/protocol/errors';
import { decodeJson, encodeJson } from '@ncsweep/protocol/json-bytes';
import { keys } from '@ncsweep/protocol/keys';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import { lockHeartbeatMs, type LockRecord, lockRecord, type Machine, staleReason } from './judge-lock.ts';

/** Thrown when another process is working on the store. */
export class StoreLockedError extends Error {
  override readonly name = 'StoreLockedError';
}

export interface StoreLock {
  /** Message for the user when a stale lock was taken over. */
  readonly takenOver: string | undefined;
  release(): Promise<void>;
}

/** After a takeover the lock is read again, in case two processes took it over at once. */
const takeoverSettleMs = 50;

const thisMachine: Machine = {
  host: hostname(),
  bootId: readOr('/proc/sys/kernel/random/boot_id', '').trim(),
  processStart,
};

/** @throws StoreLockedError naming the holder and the remedy; StoreUnavailableError */
export async function takeStoreLock(store: ObjectStore, held: { command: string; sweep: string }): Promise<StoreLock> {
  const nowMs = Date.now();
  const { host, bootId } = thisMachine;
  const mine: LockRecord = {
    v: 1,
    token: randomUUID(),
    pid: process.pid,
    processStart: processStart(process.pid) ?? '',
    bootId,
    host,
    ...held,
    sinceMs: nowMs,
    heartbeatMs: nowMs,
  };
  let takenOver: string | undefined;
  while (!(await store.putIfAbsent(keys.lock, encodeJson(mine)))) {
    const found = await readLock(store);
    if (found === undefined) continue;
    const reason = found === 'unreadable' ? 'it does not decode' : staleReason(found, thisMachine, Date.now());
    if (reason === undefined) throw new StoreLockedError(describe(store, found as LockRecord));
    takenOver = `took over the lock of store ${store.location}: ${reason}`;
    await store.delete(keys.lock);
  }
  if (takenOver !== undefined) {
    await sleep(takeoverSettleMs);
    const found = await readLock(store);
    if (found !== undefined && found !== 'unreadable' && found.token !== mine.token)
      throw new StoreLockedError(describe(store, found));
  }
  const beat = setInterval(() => {
    void store.put(keys.lock, encodeJson({ ...mine, heartbeatMs: Date.now() })).catch(() => undefined);
  }, lockHeartbeatMs);
  beat.unref();
  const release = async (): Promise<void> => {
    clearInterval(beat);
    const found = await readLock(store);
    if (found !== undefined && found !== 'unreadable' && found.token === mine.token) await store.delete(keys.lock);
  };
  return { takenOver, release };
}

async function readLock(store: ObjectStore): Promise<LockRecord | 'unreadable' | undefined> {
  const bytes = await store.get(keys.lock);
  try {
    return bytes && decodeJson(lockRecord, bytes, keys.lock);
  } catch (error) {
    if (error instanceof DecodeError) return 'unreadable';
    throw error;
  }
}

function describe(store: ObjectStore, lock: LockRecord): string {
  const since = new Date(lock.sinceMs).toISOString();
  return (
    `store ${store.location} is in use: \`${lock.command}\` of sweep ${lock.sweep} (process ${lock.pid} on ${lock.host}, since ${since}). ` +
    'Remedy: wait for it, stop it with Ctrl-C or `kill`, or choose another store with --store.'
  );
}

/** Field 22 of /proc/<pid>/stat; empty on systems without /proc if the process exists. */
function processStart(pid: number): string | undefined {
  if (process.platform === 'linux') {
    const stat = readOr(`/proc/${pid}/stat`, '');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie is dead, although its entry still exists.
    return stat === '' || fields[0] === 'Z' ? undefined : fields[19];
  }
  try {
    process.kill(pid, 0);
    return '';
  } catch {
    return undefined;
  }
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}
