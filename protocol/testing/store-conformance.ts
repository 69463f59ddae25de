/** What every implementation of the store port must do; each implementation's test file runs it. */
import { describe, expect, it } from 'vitest';
import type { ObjectStore } from '../store/object-store.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (value: Uint8Array | undefined): string | undefined => value && new TextDecoder().decode(value);

async function keysOf(store: ObjectStore, prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of store.list(prefix)) found.push(key);
  return found;
}

/** @param fresh makes an empty store. */
export function storeConformance(name: string, fresh: () => Promise<ObjectStore>): void {
  describe(`${name} as a store`, () => {
    it('gives back what was put, and undefined for what was not', async () => {
      const store = await fresh();
      await store.put('v1/a/b', bytes('one'));
      expect(text(await store.get('v1/a/b'))).toBe('one');
      expect(await store.get('v1/a/c')).toBeUndefined();
      expect(await store.get('v1/a')).toBeUndefined();
      expect(await store.head('v1/a')).toBeUndefined();
      expect(await store.head('v1/a/b')).toMatchObject({ key: 'v1/a/b', sizeBytes: 3 });
    });

    it('replaces a value by put', async () => {
      const store = await fresh();
      await store.put('k', bytes('one'));
      await store.put('k', bytes('three'));
      expect(text(await store.get('k'))).toBe('three');
    });

    it('keeps empty and large values', async () => {
      const store = await fresh();
      const large = new Uint8Array(3_000_000).map((_, i) => i % 251);
      await store.put('v1/large', large);
      await store.put('v1/empty', new Uint8Array());
      expect(Buffer.compare((await store.get('v1/large')) ?? new Uint8Array(), large)).toBe(0);
      expect((await store.get('v1/empty'))?.length).toBe(0);
    });

    it('creates a key once', async () => {
      const store = await fresh();
      expect(await store.putIfAbsent('v1/once', bytes('first'))).toBe(true);
      expect(await store.putIfAbsent('v1/once', bytes('second'))).toBe(false);
      expect(text(await store.get('v1/once'))).toBe('first');
    });

    it('has one winner of twenty racers, and keeps the winner’s value', async () => {
      const store = await fresh();
      const won = await Promise.all(Array.from({ length: 20 }, (_, i) => store.putIfAbsent('v1/race', bytes(`racer ${i}`))));
      expect(won.filter(Boolean)).toHaveLength(1);
      expect(text(await store.get('v1/race'))).toBe(`racer ${won.indexOf(true)}`);
    });

    it('creates a key again after delete, and deletes what is absent', async () => {
      const store = await fresh();
      await store.put('v1/x/y', bytes('1'));
      await store.delete('v1/x/y');
      await store.delete('v1/x/y');
      expect(await store.get('v1/x/y')).toBeUndefined();
      expect(await keysOf(store, 'v1/')).toEqual([]);
      expect(await store.putIfAbsent('v1/x/y', bytes('2'))).toBe(true);
    });

    it('lists in key order, by any prefix', async () => {
      const store = await fresh();
      const all = ['v1/a/1', 'v1/a-b', 'v1/a.json', 'v1/b/2/x', 'v1/b/10', 'v2/a'];
      for (const key of all) await store.put(key, bytes(key));
      expect(await keysOf(store, '')).toEqual([...all].sort());
      expect(await keysOf(store, 'v1/a')).toEqual(['v1/a-b', 'v1/a.json', 'v1/a/1']);
      expect(await keysOf(store, 'v1/b/')).toEqual(['v1/b/10', 'v1/b/2/x']);
      expect(await keysOf(store, 'v3/')).toEqual([]);
    });

    it('never shows half a value while it is replaced', async () => {
      const store = await fresh();
      const values = ['a', 'b'].map((letter) => bytes(letter.repeat(200_000)));
      await store.put('v1/hot', values[0]!);
      const writing = (async () => {
        for (let i = 0; i < 30; i++) await store.put('v1/hot', values[i % 2]!);
      })();
      const seen: number[] = [];
      for (let i = 0; i < 30; i++) seen.push(new Set(await store.get('v1/hot')).size);
      await writing;
      expect(new Set(seen)).toEqual(new Set([1]));
    });

    it.each(['', '/a', 'a/', 'a//b', '../a', 'a/../b', 'a/.hidden', 'a b', 'ä', 'a\\b', 'x'.repeat(1000)])(
      'refuses the key %j',
      async (key) => {
        const store = await fresh();
        await expect(store.put(key, bytes('x'))).rejects.toThrow(TypeError);
        await expect(store.get(key)).rejects.toThrow(TypeError);
        await expect(store.putIfAbsent(key, bytes('x'))).rejects.toThrow(TypeError);
        await expect(store.delete(key)).rejects.toThrow(TypeError);
      },
    );
  });
}
