import { describe, expect, it } from 'vitest';
import { storeConformance } from '../testing/store-conformance.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import { type ObjectInfo, StoreUnavailableError } from './object-store.ts';
import { PatientStore, type Patience } from './patient-store.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A clock that only pauses advance. */
function patience(limitMs = 60_000): Patience & { readonly pauses: number[]; readonly waits: string[] } {
  const [pauses, waits]: [number[], string[]] = [[], []];
  let nowMs = 0;
  return {
    limitMs,
    pauses,
    waits,
    now: () => nowMs,
    random: () => 1,
    onWait: (error) => waits.push(error.message),
    pause: (ms) => {
      pauses.push(ms);
      nowMs += ms;
      return Promise.resolve();
    },
  };
}

/** Fails as often as told; `late` operations take effect all the same. */
class Troubled extends MemoryStore {
  failures = 0;
  late = false;
  isTransient = true;

  override get(key: string): Promise<Uint8Array | undefined> {
    return this.#disturb(() => super.get(key));
  }

  override putIfAbsent(key: string, value: Uint8Array): Promise<boolean> {
    return this.#disturb(() => super.putIfAbsent(key, value));
  }

  override async *list(prefix: string): AsyncIterable<ObjectInfo> {
    let given = 0;
    for await (const each of super.list(prefix)) {
      if (given === 2) await this.#disturb(() => Promise.resolve());
      given += 1;
      yield each;
    }
  }

  async #disturb<T>(operation: () => Promise<T>): Promise<T> {
    if (this.failures === 0) return operation();
    this.failures -= 1;
    if (this.late) await operation();
    throw new StoreUnavailableError('503', { isTransient: this.isTransient });
  }
}

storeConformance('PatientStore', () => Promise.resolve(new PatientStore(new MemoryStore(), patience())));

describe('PatientStore', () => {
  const troubled = (facts: Partial<Troubled>): Troubled => Object.assign(new Troubled(), facts);

  it('waits ever longer until the trouble is over, and says so once', async () => {
    const waiting = patience();
    const store = new PatientStore(troubled({ failures: 3 }), waiting);
    expect(await store.get('v1/a')).toBeUndefined();
    expect(waiting.pauses).toEqual([500, 1000, 2000]);
    expect(waiting.waits).toEqual(['503']);
  });

  it('gives up when its patience ends, and at once when waiting does not help', async () => {
    const waiting = patience(10_000);
    await expect(new PatientStore(troubled({ failures: 1000 }), waiting).get('v1/a')).rejects.toThrow(StoreUnavailableError);
    expect(waiting.now()).toBe(10_000);
    const denied = patience();
    await expect(new PatientStore(troubled({ failures: 1, isTransient: false }), denied).get('v1/a')).rejects.toThrow('503');
    expect(denied.pauses).toEqual([]);
  });

  it('knows its own conditional put whose answer was lost', async () => {
    const inner = troubled({ failures: 1, late: true });
    const store = new PatientStore(inner, patience());
    expect(await store.putIfAbsent('v1/a', bytes('ours'))).toBe(true);
    expect(await store.putIfAbsent('v1/a', bytes('ours'))).toBe(false);
    await inner.put('v1/b', bytes('theirs'));
    Object.assign(inner, { failures: 1 });
    expect(await store.putIfAbsent('v1/b', bytes('ours'))).toBe(false);
  });

  it('lists every key once though the list breaks off', async () => {
    const inner = troubled({ failures: 2 });
    const names = ['a', 'b', 'c', 'd', 'e'].map((name) => `v1/${name}`);
    for (const name of names) await inner.put(name, bytes(name));
    const listed: string[] = [];
    for await (const { key } of new PatientStore(inner, patience()).list('v1/')) listed.push(key);
    expect(listed).toEqual(names);
  });
});
