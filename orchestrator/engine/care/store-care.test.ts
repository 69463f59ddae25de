import { expectedFiles } from '@ncsweep/catalog/datasets';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { exampleSweep } from '@ncsweep/catalog/testing/example-sweep';
import { declaredIdentity, identityOf } from '@ncsweep/catalog/plugins/archive';
import { pluginManifest } from '@ncsweep/catalog/plugins/manifest';
import { partArchive, partIdentities } from '@ncsweep/catalog/plugins/part-archive';
import { encodeJson } from '@ncsweep/protocol/json-bytes';
import { keys } from '@ncsweep/protocol/keys';
import type { DatasetParams } from '@ncsweep/catalog/datasets';
import { readIndex } from '@ncsweep/protocol/store/dataset-records';
import { DirectoryStore } from '@ncsweep/protocol/store/directory-store';
import { fetchDataset } from '@ncsweep/protocol/store/fetch-dataset';
import { pushDataset } from '@ncsweep/protocol/store/push-dataset';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commitAll } from '../../testing/fake-results.ts';
import { writeRoots } from '../store/roots.ts';
import { storeState } from '../store/store-state.ts';
import { planSweep, type Plan } from '../../planning/plan/plan.ts';
import { deleteSweep } from './delete-sweep.ts';
import { checkStoreContent } from './fsck.ts';
import { collectGarbage } from './gc.ts';

const planOf = (seeds: readonly number[]): Plan =>
  planSweep({ ...exampleSweep, seeds, grids: exampleSweep.grids.slice(2) }, 'wasm', exampleSweep.execution.evaluationBatchSize);

let folder = '';
let store: DirectoryStore;
const plan = planOf([1]);
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-care-'));
  store = new DirectoryStore(folder);
  await writeRoots(plan, store);
  await commitAll(plan, store);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const dayMs = 86_400_000;
const gc = (days: number, dryRun = false) => collectGarbage(store, { graceDays: 30, nowMs: Date.now() + days * dayMs, dryRun });

async function resultKey(): Promise<string> {
  for await (const { key } of store.list(keys.results)) return key;
  throw new Error('no result');
}

describe('gc', () => {
  it('keeps all that a sweep wants, however old', async () => {
    await gc(1000);
    expect((await storeState(plan, store)).done.size).toBe(plan.cells.size);
    expect((await checkStoreContent(store, false)).damages).toEqual([]);
  });

  it('removes what no plan wants any more, after the grace, and lists it before', async () => {
    const smaller = planOf([2]);
    await writeRoots(smaller, store);
    expect((await gc(29)).filter(({ reason }) => reason === 'unwanted result')).toEqual([]);
    const listed = await gc(31, true);
    expect(listed.filter(({ reason }) => reason === 'unwanted result')).toHaveLength(plan.cells.size);
    expect((await storeState(plan, store)).done.size).toBe(plan.cells.size);
    expect((await gc(31)).map(({ key }) => key)).toEqual(expect.arrayContaining(listed.map(({ key }) => key)));
    expect((await storeState(plan, store)).done.size).toBe(0);
    expect((await gc(100)).filter(({ reason }) => reason !== 'abandoned attempt')).toEqual([]);
  });

  it('removes what killed writers left behind, a day later', async () => {
    await writeFile(path.join(folder, 'tmp', '1-left'), 'half');
    expect(await gc(0.5)).toEqual([]);
    expect(await gc(2)).toEqual([{ key: 'tmp/1-left', sizeBytes: 4, reason: 'broken write' }]);
    expect(await gc(2)).toEqual([]);
  });

  it('removes attempts that cannot commit any more, and checkpoints of committed cells', async () => {
    const [cellId = ''] = plan.cells.keys();
    const start = { node: 'n', worker: 'w', buildId: 'b', startedAt: 0, expiresAt: Date.now(), taskId: cellId };
    await store.put(keys.start(cellId, 'abandoned'), new TextEncoder().encode(JSON.stringify({ v: 1, ...start })));
    await store.put(keys.checkpoint(cellId, 3, 'abandoned', 'weights'), Uint8Array.of(1));
    expect((await gc(0.5)).map(({ reason }) => reason)).toEqual(['spent checkpoint']);
    const later = await gc(2);
    expect(later.map(({ key }) => key)).toContain(keys.start(cellId, 'abandoned'));
  });
});

describe('deleting a sweep', () => {
  const never = new AbortController().signal;
  const all = async (prefix: string): Promise<string[]> => {
    const found: string[] = [];
    for await (const { key } of store.list(prefix)) found.push(key);
    return found;
  };

  it('removes its own and what nobody else wants, and leaves the other sweep whole', async () => {
    const both = planOf([1, 2]);
    await writeRoots(both, store, 'doomed');
    await commitAll(both, store);
    const left = both.cells.size - plan.cells.size;
    expect(await deleteSweep(store, 'doomed', never)).toEqual({ cells: left, kept: plan.cells.size });
    expect(await all(keys.sweep('doomed'))).toEqual([]);
    expect((await storeState(plan, store)).done.size).toBe(plan.cells.size);
    expect((await all(keys.results)).length).toBe(plan.cells.size);
    expect((await checkStoreContent(store, false)).damages).toEqual([]);
  });

  it('also takes what earlier generations of it made, and may be cut short and done again', async () => {
    await writeRoots(planOf([3]), store, 'doomed');
    await commitAll(planOf([3]), store);
    await writeRoots(planOf([4]), store, 'doomed');
    await expect(deleteSweep(store, 'doomed', AbortSignal.abort())).rejects.toThrow();
    expect((await deleteSweep(store, 'doomed', never)).kept).toBe(0);
    expect((await storeState(planOf([3]), store)).done.size).toBe(0);
    expect((await deleteSweep(store, 'doomed', never)).cells).toBe(0);
  });
});

describe('pushed data', () => {
  let images = '';
  beforeEach(async () => {
    images = await mkdtemp(path.join(tmpdir(), 'ncsweep-images-'));
    await writeMnist(images, 'one');
  });
  afterEach(() => rm(images, { recursive: true, force: true }));
  const push = (name: string) =>
    pushDataset(store, {
      name,
      dataset: 'mnist',
      expected: expectedFiles('mnist'),
      folder: images,
      nowMs: Date.now(),
      shardBytes: 8,
    });
  const dataKeys = async (): Promise<string[]> => {
    const found: string[] = [];
    for await (const { key } of store.list(keys.allData)) found.push(key);
    return found;
  };

  it('stays while a name or a plan stands for it, and goes after the grace when neither does', async () => {
    const { digest } = await push('ours');
    const all = await dataKeys();
    await gc(1000);
    expect(await dataKeys()).toEqual(all);
    await store.delete(keys.name('ours'));
    const params: DatasetParams = { name: 'mnist', digest, classes: [], trainPerClass: 0, testPerClass: 0 };
    const wanting = planSweep({ ...plan.sweep, datasets: [{ name: 'mnist', params }] }, 'wasm', plan.batchSize);
    await writeRoots(wanting, store);
    await gc(1000);
    expect(await dataKeys()).toEqual(all);
    await writeRoots(plan, store);
    await gc(29);
    expect(await dataKeys()).toEqual(all);
    expect((await gc(31)).filter(({ reason }) => reason === 'unwanted data').map(({ key }) => key)).toEqual(all);
    expect(await dataKeys()).toEqual([]);
  });

  it('keeps a shard that two datasets share', async () => {
    await push('ours');
    await writeMnist(images, 'two');
    const { digest } = await push('theirs');
    await store.delete(keys.name('ours'));
    expect((await gc(31)).map(({ reason }) => reason)).toContain('unwanted data');
    await fetchDataset(store, digest, path.join(images, 'back'));
  });

  it.each(['damaged', 'missing'])('is found %s, and pushing again mends it', async (how) => {
    const { digest } = await push('ours');
    expect((await checkStoreContent(store, false)).damages).toEqual([]);
    const shard = keys.data((await readIndex(store, digest))!.shards[0]!.sha256);
    if (how === 'missing') await store.delete(shard);
    else await store.put(shard, new Uint8Array(8));
    const { damages } = await checkStoreContent(store, true);
    expect(damages.map(({ key }) => key)).toEqual([shard]);
    await checkStoreContent(store, true); // removes a name whose data is gone
    await push('ours');
    expect((await checkStoreContent(store, false)).damages).toEqual([]);
  });
});

/** Writes one image for each split, beginning with `text`. */
async function writeMnist(folder: string, text: string): Promise<void> {
  for (const split of ['train', 't10k']) {
    const pixels = Buffer.alloc(28 * 28);
    pixels.write(`${text} ${split}`);
    await writeFile(path.join(folder, `${split}-images-idx3-ubyte`), Buffer.concat([idxHeader(0x803, 1, 28, 28), pixels]));
    await writeFile(path.join(folder, `${split}-labels-idx1-ubyte`), Buffer.concat([idxHeader(0x801, 1), Buffer.of(0)]));
  }
}

function idxHeader(...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * numbers.length);
  for (const [i, number] of numbers.entries()) bytes.writeUInt32BE(number, 4 * i);
  return bytes;
}

describe('fsck', () => {
  it('finds a result that does not decode and repairs by removing it', async () => {
    const key = await resultKey();
    await store.put(key, Uint8Array.of(123));
    const { damages } = await checkStoreContent(store, true);
    expect(damages.map((damage) => damage.key)).toContain(key);
    for (let again = 0; again < plan.cells.size; again += 1) await checkStoreContent(store, true);
    expect((await checkStoreContent(store, false)).damages).toEqual([]);
    expect((await storeState(plan, store)).done.size).toBeLessThan(plan.cells.size);
  });

  it('finds a flipped bit and a missing artifact', async () => {
    const artifacts: string[] = [];
    for await (const { key } of store.list(keys.cells)) if (key.includes('/artifacts/')) artifacts.push(key);
    const [flipped = '', missing = ''] = artifacts;
    const bytes = Uint8Array.from((await store.get(flipped))!);
    bytes[0]! ^= 1;
    await store.put(flipped, bytes);
    await store.delete(missing);
    const { damages } = await checkStoreContent(store, false);
    expect(damages.map(({ key, problem }) => [key, problem])).toEqual(
      expect.arrayContaining([
        [flipped, 'its content is not what was written'],
        [missing, 'missing'],
      ]) as never,
    );
  });
});

describe('a plug-in in the store', () => {
  const archive = {
    v: 1,
    manifest: pluginManifest.parse({
      plugin: 'lab',
      parts: [{ kind: 'attack', name: 'moved', python: 'attacks.py:moved', norm: 'linf', gradients: 1 }],
    }),
    files: { 'attacks.py': 'def moved(batch):\n    return batch.images\n' },
  } as const;
  const identity = identityOf(archive);
  const key = keys.plugin(identity);
  const attack = { kind: 'plugin', part: 'lab/moved', identity, norm: 'linf', gradients: 1, params: {} } as const;
  const using = planSweep(
    { ...exampleSweep, name: 'using', grids: [{ ...exampleSweep.grids[2]!, attacks: [{ name: 'moved', params: attack }] }] },
    'torch-cpu',
    250,
  );
  beforeEach(() => store.put(key, new TextEncoder().encode(JSON.stringify(archive))));

  it('stays while a plan uses it, and goes when none does', async () => {
    await writeRoots(using, store);
    await gc(1000);
    expect(await store.head(key)).toBeDefined();
    await writeRoots({ ...plan, sweep: { ...plan.sweep, name: 'using' } }, store);
    expect((await gc(29)).map((each) => each.key)).not.toContain(key);
    expect((await gc(31)).filter(({ reason }) => reason === 'unwanted plug-in').map((each) => each.key)).toEqual([key]);
  });

  it('stays when its part declares its science, since the store may have results of this code', async () => {
    const [moved] = archive.manifest.parts;
    const declared = { ...archive, manifest: { ...archive.manifest, parts: [{ ...moved!, science: 1 }] } };
    const pinned = keys.plugin(declaredIdentity(declared)!);
    await store.put(pinned, encodeJson(declared));
    const dropped = (await gc(31)).map((each) => each.key);
    expect([dropped.includes(key), dropped.includes(pinned)]).toEqual([true, false]);
  });

  it('stays with all its parts while a plan uses one of them', async () => {
    const [moved] = archive.manifest.parts;
    const more = { ...moved!, name: 'more', python: 'more.py:more' };
    const files = { ...archive.files, 'more.py': 'def more(batch):\n    return batch.images\n' };
    const whole = { ...archive, manifest: { ...archive.manifest, parts: [moved!, more] }, files };
    const other = partArchive(whole, more);
    const stray = partArchive({ ...whole, files: { ...files, 'more.py': 'more = 1\n' } }, more);
    const [wholeKey, otherKey, strayKey] = [whole, other, stray].map((each) => keys.plugin(identityOf(each)));
    for (const each of [whole, other, stray]) await store.put(keys.plugin(identityOf(each)), encodeJson(each));
    expect(partIdentities(whole).get('attack:moved')).toBe(identity);
    await writeRoots(using, store);
    const dropped = (await gc(31)).map((each) => each.key);
    expect([wholeKey, otherKey, strayKey].filter((each) => dropped.includes(each!))).toEqual([strayKey]);
  });

  it('is damaged when it has other code than its name says', async () => {
    expect((await checkStoreContent(store, false)).damages).toEqual([]);
    await store.put(key, new TextEncoder().encode(JSON.stringify({ ...archive, files: { 'attacks.py': 'x = 1\n' } })));
    expect((await checkStoreContent(store, true)).damages.map((damage) => damage.key)).toEqual([key]);
    expect(await store.head(key)).toBeUndefined();
  });
});
