import { describe, expect, it } from 'vitest';
import { encodeJson } from '../json-bytes.ts';
import { keys } from '../keys.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import { CorruptObjectError, NewerStoreError, StoreUnavailableError } from './object-store.ts';
import { checkStore, openStore, storeFormat } from './open-store.ts';

describe('checkStore', () => {
  it('creates store.json once and leaves nothing else behind', async () => {
    const store = new MemoryStore();
    await checkStore(store, 'write');
    await checkStore(store, 'write');
    const listed: string[] = [];
    for await (const { key } of store.list('')) listed.push(key);
    expect(listed).toEqual([keys.store]);
  });

  it('writes nothing to a store that is only read', async () => {
    const store = new MemoryStore();
    await checkStore(store, 'read');
    expect(await store.head(keys.store)).toBeUndefined();
  });

  it('refuses a newer format', async () => {
    const store = new MemoryStore();
    await store.put(keys.store, encodeJson({ v: 1, format: storeFormat + 1, conditionalPut: true }));
    await expect(checkStore(store, 'read')).rejects.toThrow(NewerStoreError);
  });

  it('refuses an unreadable store.json', async () => {
    const store = new MemoryStore();
    await store.put(keys.store, new TextEncoder().encode('{'));
    await expect(checkStore(store, 'write')).rejects.toThrow(CorruptObjectError);
  });

  it('refuses a store that ignores the condition', async () => {
    class Careless extends MemoryStore {
      override async putIfAbsent(key: string, value: Uint8Array): Promise<boolean> {
        await this.put(key, value);
        return true;
      }
    }
    await expect(checkStore(new Careless(), 'write')).rejects.toThrow(StoreUnavailableError);
  });

  it('refuses a location that it does not know', async () => {
    await expect(openStore('gs://bucket/prefix', 'read')).rejects.toThrow(/expected a directory or s3:/);
  });
});
