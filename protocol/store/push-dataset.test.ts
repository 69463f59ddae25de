import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf, sha256 } from '../canonical.ts';
import { encodeJson } from '../json-bytes.ts';
import { keys } from '../keys.ts';
import { datasetDigest } from './dataset-files.ts';
import { decodeIndex, listNames, readIndex } from './dataset-records.ts';
import { fetchDataset } from './fetch-dataset.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import { pushDataset } from './push-dataset.ts';

/** Loses its connection after a number of writes. */
class FailingStore extends MemoryStore {
  writesLeft = Infinity;
  writes: string[] = [];
  override put(key: string, value: Uint8Array): Promise<void> {
    if (this.writesLeft-- <= 0) return Promise.reject(new Error('cut off'));
    this.writes.push(key);
    return super.put(key, value);
  }
}

let folder = '';
let now = 0;
let store: FailingStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ncsweep-push-'));
  now = Date.parse('2026-01-01');
  store = new FailingStore(() => now);
  for (const [place, content] of [
    ['train/a/1.png', 'first image'],
    ['train/b b/2.png', 'second'],
    ['val/a/3.png', ''],
    ['val/b b/4.png', 'the last of the images'],
  ] as const) {
    await mkdir(join(folder, 'data', place, '..'), { recursive: true });
    await writeFile(join(folder, 'data', place), content);
  }
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const layout = { kind: 'class-folders', splits: ['train', 'val'], extensions: ['.png'] } as const;
const expected = { layout, looks: 'images' };
const push = (name = 'ours') =>
  pushDataset(store, { name, dataset: 'image-folder', expected, folder: join(folder, 'data'), nowMs: now, shardBytes: 16 });

describe('a pushed dataset', () => {
  it('comes back as it was, from shards of bounded size', async () => {
    const { digest, sizeBytes } = await push();
    expect(digest).toBe(await datasetDigest(expected, join(folder, 'data')));
    expect(sizeBytes).toBe(39);
    const shards = (await readIndex(store, digest))!.shards;
    expect(shards.map((shard) => shard.sizeBytes)).toEqual([16, 16, 7]);
    for (const shard of shards) expect(sha256((await store.get(keys.data(shard.sha256)))!)).toBe(shard.sha256);
    await fetchDataset(store, digest, join(folder, 'back'));
    expect(await datasetDigest(expected, join(folder, 'back'))).toBe(digest);
    expect(await readFile(join(folder, 'back/train/b b/2.png'), 'utf8')).toBe('second');
  });

  it('is not written again, under whatever name', async () => {
    const first = await push();
    const { length } = store.writes;
    expect(await push()).toEqual(first);
    expect((await push('also')).digest).toBe(first.digest);
    expect(store.writes.length).toBe(length);
    const names: string[] = [];
    for await (const { name } of listNames(store)) names.push(name);
    expect(names).toEqual(['also', 'ours']);
  });

  it('records what was found in it, also of files that an earlier push brought', async () => {
    const { digest } = await push();
    expect((await readIndex(store, digest))?.found).toBeUndefined();
    const seen: string[] = [];
    const found = { classes: 2, train: 2, test: 2, sides: [8, 8] as [number, number] };
    const examine = () => ({ see: ({ name }: { name: string }) => void seen.push(name), result: () => found });
    const told: unknown[] = [];
    const again = { name: 'again', dataset: 'image-folder', folder: join(folder, 'data'), nowMs: now, shardBytes: 16 };
    await pushDataset(store, { ...again, expected: { ...expected, examine }, onFound: (what) => told.push(what) });
    expect((await readIndex(store, digest))?.found).toEqual(found);
    expect(told).toEqual([found]);
    expect(seen).toEqual(['train/a/1.png', 'train/b b/2.png', 'val/a/3.png', 'val/b b/4.png']);
  });

  it('keeps its name for itself', async () => {
    const { digest } = await push();
    await writeFile(join(folder, 'data/train/a/1.png'), 'other');
    await expect(push()).rejects.toThrow(/ours: already names other files.*under another name/);
    expect((await push('other')).digest).not.toBe(digest);
  });

  it.each([0, 1, 2, 3])('is not there after a push that was cut off by its write %i, and goes on from there', async (writes) => {
    store.writesLeft = writes;
    await expect(push()).rejects.toThrow('cut off');
    const digest = await datasetDigest(expected, join(folder, 'data'));
    expect(await readIndex(store, digest)).toBeUndefined();
    for await (const named of listNames(store)) expect.unreachable(named.name);
    store.writesLeft = Infinity;
    await push();
    expect(store.writes.length).toBe(4);
    await fetchDataset(store, digest, join(folder, 'back'));
  });

  it('makes old shards young again, so that no collector takes them away meanwhile', async () => {
    store.writesLeft = 2;
    await expect(push()).rejects.toThrow('cut off');
    now += 2 * 86_400_000;
    store.writesLeft = Infinity;
    const { digest } = await push();
    for (const shard of (await readIndex(store, digest))!.shards)
      expect((await store.head(keys.data(shard.sha256)))!.modifiedMs).toBe(now);
  });

  it('is mended by another push', async () => {
    const { digest } = await push();
    const [shard] = (await readIndex(store, digest))!.shards;
    await store.delete(keys.data(shard!.sha256));
    await expect(fetchDataset(store, digest, join(folder, 'back'))).rejects.toThrow(/shard of a dataset is missing.*push/);
    await push();
    await fetchDataset(store, digest, join(folder, 'back'));
  });

  it('is refused when its shards are not what was pushed', async () => {
    const { digest } = await push();
    const index = (await readIndex(store, digest))!;
    await store.put(keys.data(index.shards[1]!.sha256), new Uint8Array(16));
    await expect(fetchDataset(store, digest, join(folder, 'back'))).rejects.toThrow(/shard of a dataset is damaged/);
    await push('again');
    await store.put(keys.data(digest), encodeJson({ ...index, shards: index.shards.toReversed() }));
    await expect(fetchDataset(store, digest, join(folder, 'back'))).rejects.toThrow(/do not add up to the file|is damaged/);
  });

  it.each(['../out', 'train/../../out', '/etc/out', 'train//out', './out', 'train\\out', '', 'train/..'])(
    'never leaves its folder: %j',
    (name) => {
      const files = (file: string) => [[file, 0, sha256('')]];
      const index = (file: string) => encodeJson({ v: 1, dataset: 'image-folder', files: files(file), shards: [] });
      expect(decodeIndex(index(name), digestOf(files(name)))).toBeUndefined();
      expect(decodeIndex(index('train/..in/x'), digestOf(files('train/..in/x')))).toBeDefined();
    },
  );
});
