/** A store in memory, for tests: same behaviour, no disk; counts what is in flight. */
import type { ObjectInfo, ObjectStore } from '@ncsweep/protocol/store/object-store';

export class MemoryStore implements ObjectStore {
  readonly location = 'memory';
  readonly objects = new Map<string, Uint8Array>();
  inFlight = 0;
  mostInFlight = 0;

  async get(key: string): Promise<Uint8Array | undefined> {
    this.mostInFlight = Math.max(this.mostInFlight, (this.inFlight += 1));
    await Promise.resolve();
    this.inFlight -= 1;
    return this.objects.get(key);
  }

  head(key: string): Promise<ObjectInfo | undefined> {
    const value = this.objects.get(key);
    return Promise.resolve(value && { key, sizeBytes: value.length, modifiedMs: 0 });
  }

  put(key: string, value: Uint8Array): Promise<void> {
    this.objects.set(key, value);
    return Promise.resolve();
  }

  putIfAbsent(key: string, value: Uint8Array): Promise<boolean> {
    if (this.objects.has(key)) return Promise.resolve(false);
    this.objects.set(key, value);
    return Promise.resolve(true);
  }

  delete(key: string): Promise<void> {
    this.objects.delete(key);
    return Promise.resolve();
  }

  async *list(prefix: string): AsyncIterable<ObjectInfo> {
    await Promise.resolve();
    for (const [key, { length }] of [...this.objects].sort(([a], [b]) => (a < b ? -1 : 1)))
      if (key.startsWith(prefix)) yield { key, sizeBytes: length, modifiedMs: 0 };
  }
}
