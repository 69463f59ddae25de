/**
 * The commit of a cell (docs/contracts.md "Commit"): look for a result, put the artifacts, verify them, refuse if the attempt has expired,
 * then let one conditional put decide. A kill before that put leaves no result; a kill after it leaves a complete one.
 */
import { sha256 } from '@ncsweep/protocol/canonical';
import type { NamedBytes } from '@ncsweep/protocol/compute/link';
import { encodeJson } from '@ncsweep/protocol/json-bytes';
import { keys } from '@ncsweep/protocol/keys';
import type { Artifact, cellConflict, CellResult } from '@ncsweep/protocol/result';
import { CorruptObjectError, type ObjectStore } from '@ncsweep/protocol/store/object-store';
import { readResult, sameInputs } from '@ncsweep/protocol/store/committed-result';
import type { z } from 'zod';
import type { CellOutcome } from './task-io.ts';

export const maxResultBytes = 64 * 1024;
/** Largest relative difference between the scalars of two executions that does not count as a conflict. */
const tolerance = 1e-6;

export interface CommitRequest {
  /** The part of the result that is known before its artifacts are stored. */
  readonly result: Omit<CellResult, 'artifacts' | 'scalars' | 'attackTiming' | 'times'>;
  readonly outcome: CellOutcome;
  readonly startMs: number;
  /** The attempt must not commit after this time, ms since epoch. */
  readonly expiresAt: number;
  /** Resolves when the store has the attempt's start; every result has one. */
  readonly started: Promise<void>;
}

/** `duplicate`: another attempt's result is committed and has the same numbers. `conflict`: its numbers differ. */
export type CommitVerdict = 'committed' | 'duplicate' | 'conflict';

/** Thrown when an attempt commits too late: garbage collection may already have begun to remove its artifacts. */
export class AttemptExpiredError extends Error {
  override readonly name = 'AttemptExpiredError';
}

/** @throws AttemptExpiredError, StoreUnavailableError, CorruptObjectError, TypeError (scalars that are not finite) */
export async function commitCell(store: ObjectStore, request: CommitRequest, now: () => number): Promise<CommitVerdict> {
  const { cellId, attemptId } = request.result;
  assertFinite(request.outcome.scalars);
  if (await standingResult(store, request)) return settleRace(store, request);
  const putting = request.outcome.artifacts.map((each) => putVerified(store, cellId, attemptId, each));
  const [artifacts] = await Promise.all([Promise.all(putting), request.started]);
  const endMs = now();
  if (endMs > request.expiresAt) {
    throw new AttemptExpiredError(
      `attempt ${attemptId} of cell ${cellId} expired at ${new Date(request.expiresAt).toISOString()}`,
    );
  }
  const { scalars, attackTiming, computeMs } = request.outcome;
  const times = { startMs: request.startMs, endMs, computeMs };
  const result = { ...request.result, artifacts, scalars, ...(attackTiming && { attackTiming }), times };
  const bytes = encodeJson(result satisfies CellResult);
  if (bytes.length > maxResultBytes)
    throw new RangeError(`result of cell ${cellId} has ${bytes.length} bytes, the limit is 65536`);
  return (await store.putIfAbsent(keys.result(cellId), bytes)) ? 'committed' : settleRace(store, request);
}

/** A result made from inputs that are no longer current does not count: it is removed, so that this attempt can take its place. */
async function standingResult(store: ObjectStore, { result }: CommitRequest): Promise<boolean> {
  const standing = await readResult(store, result.cellId);
  if (!standing) return false;
  if (sameInputs(standing.result.inputs, result.inputs)) return true;
  await store.delete(keys.result(result.cellId));
  return false;
}

/** Resolves a lost race. Our own attempt may be the winner: a put that timed out and was retried finds its own result. */
async function settleRace(store: ObjectStore, { result, outcome }: CommitRequest): Promise<CommitVerdict> {
  const { cellId, attemptId } = result;
  const winner = await readResult(store, cellId);
  if (!winner || winner.result.attemptId === attemptId) return 'committed';
  if (sameScalars(winner.result.scalars, outcome.scalars)) return 'duplicate';
  const conflict = { v: 1, cellId, attemptId, winner: winner.result.attemptId, scalars: { ...outcome.scalars } } as const;
  await store.putIfAbsent(keys.conflict(cellId, attemptId), encodeJson(conflict satisfies z.infer<typeof cellConflict>));
  return 'conflict';
}

async function putVerified(
  store: ObjectStore,
  cellId: string,
  attemptId: string,
  { name, bytes }: NamedBytes,
): Promise<Artifact> {
  const key = keys.artifact(cellId, attemptId, name);
  const digest = sha256(bytes);
  await store.put(key, bytes);
  const stored = await store.get(key);
  if (!stored || sha256(stored) !== digest) throw new CorruptObjectError(key, 'the store returns other bytes than were written');
  return { name, key, sha256: digest, sizeBytes: bytes.length };
}

function sameScalars(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => close(a[name], b[name]));
}

const close = (a: number | undefined, b: number | undefined): boolean =>
  a !== undefined && b !== undefined && Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a), Math.abs(b));

function assertFinite(scalars: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(scalars)) {
    if (!Number.isFinite(value)) throw new TypeError(`scalar ${name} is ${value}: a result holds finite numbers only`);
  }
}
