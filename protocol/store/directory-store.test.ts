import { fork } from 'node:child_process';
import { mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { storeConformance } from '../testing/store-conformance.ts';
import { DirectoryStore } from './directory-store.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import { StoreUnavailableError } from './object-store.ts';

const folder = () => mkdtemp(join(tmpdir(), 'ncsweep-store-'));

storeConformance('DirectoryStore', async () => new DirectoryStore(await folder()));
storeConformance('DirectoryStore without hard links', async () => new DirectoryStore(await folder(), false));
storeConformance('MemoryStore', () => Promise.resolve(new MemoryStore()));

const racer = new URL('../testing/racer.ts', import.meta.url);

describe('DirectoryStore', () => {
  it.each(['links', 'reservations'])('has one winner a key of racers in several processes, by %s', async (means) => {
    const location = await folder();
    const keys = Array.from({ length: 25 }, (_, i) => `v1/race/${i}`);
    const race = (name: string) =>
      new Promise<string[]>((resolve, reject) => {
        const child = fork(racer, [location, name, means, ...keys]);
        child.once('message', (won) => resolve(won as string[]));
        child.once('exit', (code) => reject(new Error(`racer ended with ${code}`)));
      });
    const won = (await Promise.all(['a', 'b', 'c', 'd'].map(race))).flat();
    expect(won.sort()).toEqual([...keys].sort());
    expect(await readdir(join(location, 'tmp'))).toEqual([]);
  });

  it('writes where another process has pruned the folders that it knows', async () => {
    const location = await folder();
    const [writer, collector] = [new DirectoryStore(location), new DirectoryStore(location)];
    await writer.put('v1/ckpt/aa/1', new Uint8Array(1));
    await collector.delete('v1/ckpt/aa/1');
    await writer.put('v1/ckpt/bb/1', new Uint8Array([7]));
    expect(await collector.get('v1/ckpt/bb/1')).toEqual(Buffer.from([7]));
  });

  it('loses no write while others prune the same folders', async () => {
    const location = await folder();
    const written: string[] = [];
    await Promise.all(
      Array.from({ length: 8 }, async (_, n) => {
        const store = new DirectoryStore(location);
        for (let i = 0; i < 40; i++) {
          const key = `v1/ckpt/${(n + i) % 3}/${n}-${i}`;
          if (!(await store.putIfAbsent(key, new Uint8Array([n])))) throw new Error(`${key} stood already`);
          expect(await store.get(key)).toEqual(Buffer.from([n]));
          if (i % 20 === 19) written.push(key);
          else await store.delete(key);
        }
      }),
    );
    const listed: string[] = [];
    for await (const { key } of new DirectoryStore(location).list('v1/')) listed.push(key);
    expect(listed).toEqual(written.sort());
    expect(await readdir(join(location, 'tmp'))).toEqual([]);
  });

  it('names place and remedy when a file stands where a folder is needed', async () => {
    const location = join(await folder(), 'file');
    await writeFile(location, '');
    const put = new DirectoryStore(location).put('v1/a', new Uint8Array(1));
    await expect(put).rejects.toThrow(StoreUnavailableError);
    await expect(put).rejects.toThrow(/file.*choose another store/);
  });

  it('never lists temporary files and sweeps the old ones', async () => {
    const location = await folder();
    const store = new DirectoryStore(location);
    await store.put('v1/a', new Uint8Array(1));
    await writeFile(join(location, 'tmp', 'left-over'), 'half');
    const listed: string[] = [];
    for await (const { key } of store.list('v1/')) listed.push(key);
    expect(listed).toEqual(['v1/a']);
    expect(await store.sweepTemporaries(60_000, Date.now(), false)).toEqual([]);
    expect(await store.sweepTemporaries(0, Date.now() + 1000, true)).toMatchObject([{ key: 'tmp/left-over', sizeBytes: 4 }]);
    expect(await store.sweepTemporaries(0, Date.now() + 1000, false)).toMatchObject([{ key: 'tmp/left-over' }]);
    expect(await readdir(join(location, 'tmp'))).toEqual([]);
  });
});
