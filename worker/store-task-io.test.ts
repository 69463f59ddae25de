import { snapshotVersions } from '@ncsweep/catalog/cell';
import { identityOf, type PluginArchive } from '@ncsweep/catalog/plugins/archive';
import { pluginManifest } from '@ncsweep/catalog/plugins/manifest';
import { partIdentities } from '@ncsweep/catalog/plugins/part-archive';
import { encodeJson } from '@ncsweep/protocol/json-bytes';
import { keys } from '@ncsweep/protocol/keys';
import { defaultRetries, type FailureClass } from '@ncsweep/protocol/result';
import type { Task } from '@ncsweep/protocol/messages';
import type { Lineage } from '@ncsweep/catalog/params';
import { readResult } from '@ncsweep/protocol/store/committed-result';
import { MemoryStore } from '@ncsweep/protocol/testing/memory-store';
import { StoreUnavailableError } from '@ncsweep/protocol/store/object-store';
import { describe, expect, it } from 'vitest';
import { StoreTaskIo } from './store-task-io.ts';
import type { CellOutcome } from './task-io.ts';
import { adversarial, evaluateTaskOf, snapshotId, standard, tinyLineage, trainTaskOf } from './testing/tasks.ts';

const lineage = tinyLineage(standard);
const outcome: CellOutcome = { artifacts: [{ name: 'out', bytes: new Uint8Array(8) }], scalars: { value: 1 }, computeMs: 1 };

/** A store that holds back results until they are let in. */
class GatedStore extends MemoryStore {
  readonly gate = Promise.withResolvers<undefined>();
  override async putIfAbsent(key: string, value: Uint8Array): Promise<boolean> {
    await this.gate.promise;
    return super.putIfAbsent(key, value);
  }
}

function ioOf(store: MemoryStore, task: Task): StoreTaskIo {
  const facts = { versions: {}, device: 'none', threads: 1 };
  const attempt = {
    attemptId: 'A',
    task,
    worker: 'w1',
    node: 'n',
    podUid: undefined,
    buildId: 'b',
    startedAt: 0,
    expiresAt: 1e9,
    facts,
  };
  const listener = { committed: () => undefined, resumed: () => undefined, progress: () => undefined, log: () => undefined };
  return new StoreTaskIo(store, attempt, listener, { signal: new AbortController().signal, now: () => 1, cache: undefined });
}

async function committedSnapshot(store: MemoryStore, trained = lineage): Promise<void> {
  const io = ioOf(store, trainTaskOf(trained, [4]));
  await io.commit(snapshotId(trained, 4), outcome);
  await io.finish();
}

const isCommitted = async (store: MemoryStore, cellId: string): Promise<boolean> =>
  (await store.head(keys.result(cellId))) !== undefined;

describe('an attempt over a store', () => {
  it('takes over evaluations while earlier ones are on their way, and is finished when all are committed', async () => {
    const store = new GatedStore();
    store.gate.resolve(undefined);
    await committedSnapshot(store);
    const slow = Object.assign(store, { gate: Promise.withResolvers<undefined>() });
    const task = evaluateTaskOf(lineage, 4, { kind: 'none' }, ['0/1', '1/255', '2/255']);
    const io = ioOf(slow, task);
    for (const { cellId } of task.cells) await io.commit(cellId, outcome);
    expect(await isCommitted(store, task.cells[0]!.cellId)).toBe(false);
    slow.gate.resolve(undefined);
    await io.finish();
    for (const { cellId } of task.cells) {
      expect(await isCommitted(store, cellId)).toBe(true);
      expect(await store.head(keys.start(cellId, 'A'))).toBeDefined();
      expect(await store.head(keys.end(cellId, 'A'))).toBeDefined();
    }
  });

  it('records with a result the versions that its id is made of', async () => {
    const l2 = tinyLineage({ ...adversarial, attack: { ...adversarial.attack!, norm: 'l2' } });
    const versionsOf = async (trained: Lineage): Promise<Readonly<Record<string, number>> | undefined> => {
      const store = new MemoryStore();
      await committedSnapshot(store, trained);
      return (await readResult(store, snapshotId(trained, 4)))?.result.scienceVersions;
    };
    expect(await versionsOf(lineage)).toEqual(snapshotVersions(lineage));
    expect(await versionsOf(l2)).toEqual({ ...snapshotVersions(lineage), attack: 2 });
  });

  it('goes on after a snapshot only when it is committed', async () => {
    const store = new GatedStore();
    let over = false;
    const committing = committedSnapshot(store).then(() => (over = true));
    await new Promise(setImmediate);
    expect(over).toBe(false);
    store.gate.resolve(undefined);
    await committing;
    expect(await isCommitted(store, snapshotId(lineage, 4))).toBe(true);
  });

  it('lays a failed commit at its own cell, and takes over nothing more', async () => {
    const store = new GatedStore();
    store.gate.resolve(undefined);
    await committedSnapshot(store);
    const full = new StoreUnavailableError('the disk is full');
    const task = evaluateTaskOf(lineage, 4, { kind: 'none' }, ['0/1', '1/255', '2/255']);
    const failing = Object.assign(store, { putIfAbsent: () => Promise.reject(full) });
    const io = ioOf(failing, task);
    const [first, second, third] = task.cells.map(({ cellId }) => cellId) as [string, string, string];
    await io.commit(first, outcome);
    io.progress(second, { values: {} });
    await io.settle();
    expect(io.currentCell).toBe(first);
    expect(io.trouble).toBe(full);
    await expect(io.commit(third, outcome)).rejects.toBe(full);
    await expect(io.finish()).rejects.toBe(full);
  });
});

describe('a task with a part of a plug-in', () => {
  const archiveOf = (code: string, science?: number): PluginArchive => {
    const part = { kind: 'attack', name: 'moved', python: 'a.py:moved', norm: 'linf', gradients: 1 };
    const manifest = pluginManifest.parse({ plugin: 'lab', parts: [science === undefined ? part : { ...part, science }] });
    return { v: 1, manifest, files: { 'a.py': code } };
  };
  const taskOf = (identity: string): Task =>
    evaluateTaskOf(lineage, 4, { kind: 'plugin', part: 'lab/moved', identity, norm: 'linf', gradients: 1, params: {} }, [
      '1/255',
    ]);
  /** The code that the result names, where the store has this archive. */
  async function codeIn(archive: PluginArchive): Promise<object | undefined> {
    const store = new MemoryStore();
    const identity = partIdentities(archive).get('attack:moved')!;
    await store.put(keys.plugin(identity), encodeJson(archive));
    await committedSnapshot(store);
    const task = taskOf(identity);
    const clean = evaluateTaskOf(lineage, 4, { kind: 'none' }, ['0/1']);
    const before = ioOf(store, clean);
    await before.commit(clean.cells[0]!.cellId, outcome);
    await before.finish();
    const io = ioOf(store, task);
    await io.plugin({ plugin: 'lab', identity });
    await io.commit(task.cells[0]!.cellId, outcome);
    await io.finish();
    return (await readResult(store, task.cells[0]!.cellId))?.result.code;
  }

  it('names the code in its results exactly where ids name a declared science in place of it', async () => {
    expect(await codeIn(archiveOf('moved = 1\n'))).toBeUndefined();
    const declared = archiveOf('moved = 1\n', 1);
    expect(await codeIn(declared)).toEqual({ [partIdentities(declared).get('attack:moved')!]: identityOf(declared) });
  });

  it.each<[string, string, Uint8Array | undefined, RegExp]>([
    ['userError', 'is not there', undefined, /the plug-in lab .* is not in .*Remedy: ncsweep plugin push FOLDER/],
    [
      'badData',
      'is something else',
      encodeJson(archiveOf('moved = 2\n')),
      /is not the plug-in of this identity.*store fsck --repair.*push/,
    ],
  ])('fails for good as %s when the code %s', async (failureClass, _, bytes, message) => {
    const store = new MemoryStore();
    const identity = identityOf(archiveOf('moved = 1\n'));
    if (bytes !== undefined) await store.put(keys.plugin(identity), bytes);
    const failure = await ioOf(store, taskOf(identity))
      .plugin({ plugin: 'lab', identity })
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ failureClass, message: expect.stringMatching(message) as string });
    expect(defaultRetries[failureClass as FailureClass]).toBe(0);
  });
});
