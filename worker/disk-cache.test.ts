import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DiskCache } from './disk-cache.ts';

let folder = '';
let cache: DiskCache;
let made: string[] = [];
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-cache-'));
  cache = await DiskCache.open(folder, 100);
  made = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const use = (digest: string, sizeBytes = 40) =>
  cache.use(digest, sizeBytes, async (at) => {
    made.push(digest);
    await writeFile(at, 'x'.repeat(sizeBytes));
  });
/** Uses entries in successive tasks. */
const tasks = async (...digests: string[]): Promise<void> => {
  for (const digest of digests) {
    await use(digest);
    cache.release();
  }
};
const bytesOnDisk = async (): Promise<number> => {
  const sizes = await Promise.all(
    (await readdir(folder, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map(async (entry) => (await stat(path.join(entry.parentPath, entry.name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
};

describe('the cache on disk', () => {
  it('makes a thing once, also for two that want it at the same time', async () => {
    const [first, second] = await Promise.all([use('a'), use('a')]);
    expect(first).toBe(second);
    expect(await readFile(first!, 'utf8')).toHaveLength(40);
    expect(await use('a')).toBe(first);
    expect(made).toEqual(['a']);
  });

  it('lets go of what was used longest ago, and stays under its limit on the disk', async () => {
    await tasks('a', 'b', 'a', 'c');
    expect(made).toEqual(['a', 'b', 'c']);
    expect(await bytesOnDisk()).toBe(80);
    await tasks('a');
    expect(made).toEqual(['a', 'b', 'c']);
    await tasks('b');
    expect(made).toEqual(['a', 'b', 'c', 'b']);
    expect(cache.sizeBytes).toBe(80);
  });

  it('never lets go of what is in use', async () => {
    const [first] = [await use('a'), await use('b')];
    expect(await use('c')).toBeUndefined();
    expect(await stat(first!)).toBeDefined();
    cache.release();
    expect(await use('c')).toBeDefined();
  });

  it('takes nothing that is larger than itself, and loses nothing for it', async () => {
    await tasks('a');
    expect(await use('large', 101)).toBeUndefined();
    expect(await bytesOnDisk()).toBe(40);
  });

  it('forgets what could not be made', async () => {
    await expect(
      cache.use('a', 40, async (at) => {
        await writeFile(at, 'half');
        throw new Error('cut off');
      }),
    ).rejects.toThrow('cut off');
    expect(await bytesOnDisk()).toBe(0);
    expect(await use('a')).toBeDefined();
  });

  it('is two caches for two workers, and leaves nothing', async () => {
    const other = await DiskCache.open(folder, 100);
    await use('a');
    await other.close();
    expect(await bytesOnDisk()).toBe(40);
    await cache.close();
    expect(await readdir(folder)).toEqual([]);
  });
});
