/**
 * Garbage collection. It keeps results that the latest plan of some sweep wants, data that such a plan or a name refers to,
 * everything younger than the grace period, and attempts that may still commit. A result goes before its artifacts, so that no
 * reader finds one without them.
 */
import { keys } from '@ncsweep/protocol/keys';
import { attemptStart, cellResult } from '@ncsweep/protocol/result';
import type { ObjectInfo, ObjectStore } from '@ncsweep/protocol/store/object-store';
import { readTableIndex } from '../ingest/line-tables.ts';
import { readStored } from '../store/stored-json.ts';
import { wantedData } from './data-care.ts';
import { mark, objects } from './mark.ts';
import { wantedPlugins } from './plugin-care.ts';

const dayMs = 86_400_000;

export interface GcOptions {
  /** Unwanted results are kept for this long after they were written. */
  readonly graceDays: number;
  readonly nowMs: number;
  readonly dryRun: boolean;
}

export interface Garbage {
  readonly key: string;
  readonly sizeBytes: number;
  readonly reason:
    | 'unwanted result'
    | 'unwanted failure'
    | 'unwanted data'
    | 'unwanted plug-in'
    | 'abandoned attempt'
    | 'spent checkpoint'
    | 'old roots'
    | 'old task'
    | 'old table'
    | 'broken write';
}

const cellOf = (key: string): string => /([0-9a-f]{64})/.exec(key)?.[1] ?? '';
const attemptOf = (key: string): string => key.split('/').slice(0, 5).join('/');

class Collector {
  readonly garbage: Garbage[] = [];
  /** Cells whose result stays → the attempt that made it. */
  readonly #live = new Map<string, string>();
  readonly #store: ObjectStore;
  readonly #options: GcOptions;
  readonly #wanted: ReadonlySet<string>;

  constructor(store: ObjectStore, options: GcOptions, wanted: ReadonlySet<string>) {
    this.#store = store;
    this.#options = options;
    this.#wanted = wanted;
  }

  async drop(info: ObjectInfo, reason: Garbage['reason']): Promise<void> {
    this.garbage.push({ key: info.key, sizeBytes: info.sizeBytes, reason });
    if (!this.#options.dryRun) await this.#store.delete(info.key);
  }

  async results(): Promise<void> {
    for (const info of await objects(this.#store, keys.results)) {
      if (this.#isUnwanted(info)) await this.drop(info, 'unwanted result');
      else this.#live.set(cellOf(info.key), (await readStored(this.#store, info.key, cellResult))!.value.attemptId);
    }
    for (const info of await objects(this.#store, keys.failures))
      if (this.#isUnwanted(info)) await this.drop(info, 'unwanted failure');
  }

  /** Drops attempts that no result names and that are too old to commit. */
  async attempts(): Promise<void> {
    for (const [attempt, parts] of Map.groupBy(await objects(this.#store, keys.cells), ({ key }) => attemptOf(key))) {
      if (this.#live.get(cellOf(attempt)) === attempt.split('/').at(-1)) continue;
      const start = await readStored(this.#store, `${attempt}/start.json`, attemptStart);
      const expiresAt = start?.value.expiresAt ?? Math.max(...parts.map((part) => part.modifiedMs));
      if (this.#options.nowMs <= expiresAt + dayMs) continue;
      for (const part of parts) await this.drop(part, 'abandoned attempt');
    }
  }

  async checkpoints(): Promise<void> {
    for (const info of await objects(this.#store, keys.allCheckpoints))
      if (this.#live.has(cellOf(info.key)) || this.#isUnwanted(info)) await this.drop(info, 'spent checkpoint');
  }

  /** Drops pushed data that no name or plan refers to, including the remains of unfinished pushes. */
  async data(): Promise<void> {
    const wanted = await wantedData(this.#store);
    for (const info of await objects(this.#store, keys.allData))
      if (!wanted.has(info.key) && this.#isOld(info)) await this.drop(info, 'unwanted data');
  }

  /** Drops plug-ins that no plan uses any more. */
  async plugins(): Promise<void> {
    const wanted = await wantedPlugins(this.#store);
    for (const info of await objects(this.#store, keys.allPlugins))
      if (!wanted.has(info.key) && this.#isOld(info)) await this.drop(info, 'unwanted plug-in');
  }

  /** Drops large tasks of sweeps that were never finished; a task that is still wanted is put in again. */
  async tasks(): Promise<void> {
    for (const info of await objects(this.#store, keys.sweeps))
      if (/^v1\/sweeps\/[^/]+\/tasks\//.test(info.key) && this.#isOld(info)) await this.drop(info, 'old task');
  }

  /** Drops table parts that no index names, left by reports that were interrupted or overtaken by another. */
  async tables(): Promise<void> {
    for (const info of await objects(this.#store, keys.sweeps)) {
      const [, uid = '', name = ''] = /^v1\/sweeps\/([^/]+)\/tables\/(.+\.parquet)$/.exec(info.key) ?? [];
      if (name === '' || !this.#isOld(info)) continue;
      const { parts } = await readTableIndex(this.#store, uid);
      if (!parts.some((part) => part.name === name)) await this.drop(info, 'old table');
    }
  }

  async brokenWrites(): Promise<void> {
    const { nowMs, dryRun } = this.#options;
    const swept = (await this.#store.sweepTemporaries?.(dayMs, nowMs, dryRun)) ?? [];
    for (const { key, sizeBytes } of swept) this.garbage.push({ key, sizeBytes, reason: 'broken write' });
  }

  #isUnwanted(info: ObjectInfo): boolean {
    return !this.#wanted.has(cellOf(info.key)) && this.#isOld(info);
  }

  #isOld({ modifiedMs }: ObjectInfo): boolean {
    return this.#options.nowMs - modifiedMs > this.#options.graceDays * dayMs;
  }
}

/** @returns what was removed, or would be @throws CorruptObjectError for roots or results that do not decode: run fsck first */
export async function collectGarbage(store: ObjectStore, options: GcOptions): Promise<readonly Garbage[]> {
  const { wanted, oldRoots } = await mark(store);
  const collector = new Collector(store, options, wanted);
  await collector.results();
  await collector.attempts();
  await collector.checkpoints();
  await collector.data();
  await collector.plugins();
  await collector.tasks();
  await collector.tables();
  await collector.brokenWrites();
  for (const info of oldRoots) await collector.drop(info, 'old roots');
  return collector.garbage;
}
