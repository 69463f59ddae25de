import { MemoryStore } from '@ncsweep/protocol/testing/memory-store';
import { NewerStoreError, StoreUnavailableError, type ObjectStore } from '@ncsweep/protocol/store/object-store';
import { describe, expect, it } from 'vitest';
import { TestClock } from '../../testing/test-clock.ts';
import { firstCoolDownMs } from './circuit-breaker.ts';
import { StoreLocation } from './store-location.ts';

/** A store that can fall silent, and counts what reaches it. */
class Moody extends MemoryStore {
  isSilent = false;
  asked = 0;
  lastSignal: AbortSignal | undefined;

  override get(key: string, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    this.asked += 1;
    this.lastSignal = signal;
    return this.isSilent ? new Promise(() => undefined) : super.get(key);
  }
}

function place(open?: () => Promise<ObjectStore>) {
  const clock = new TestClock();
  const inner = new Moody();
  const changes: (boolean | undefined)[] = [];
  const location = new StoreLocation({
    location: 's3://lab/x',
    clock,
    onChange: () => changes.push(location.access.readiness.ready),
    open: open ?? ((_, decorate) => openStore(decorate(inner))),
  });
  return { clock, inner, changes, location };
}
/** Opens a store as a real one is opened: by sending it a request. */
const openStore = async (store: ObjectStore): Promise<ObjectStore> => {
  await store.get('v1/store.json');
  return store;
};
const outcomeOf = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => 'answered',
    (error: unknown) => (error instanceof Error ? error.message : 'odd'),
  );

describe('a store behind a breaker', () => {
  it('is there once it was opened, and says that it is being opened until then', async () => {
    const { location, clock, changes } = place();
    expect(location.access).toEqual({
      store: undefined,
      readiness: { ready: undefined, reason: 'Opening', message: 'the store is being opened' },
    });
    await clock.advance(0);
    expect(location.access.readiness).toMatchObject({ ready: true, reason: 'Ready' });
    expect(await outcomeOf(location.access.store!.get('v1/a'))).toBe('answered');
    expect(changes).toEqual([true]);
  });

  it('refuses each request of a store that fell silent within a bounded time, and tells it to stop', async () => {
    const { location, clock, inner } = place();
    await clock.advance(0);
    inner.isSilent = true;
    const asked = outcomeOf(location.access.store!.get('v1/a'));
    await clock.advance(10_000);
    expect(await asked).toMatch(/^store memory.*: reading v1\/a: no answer within 10 s\. Remedy: /);
    expect(inner.lastSignal?.aborted).toBe(true);
    expect(location.access.readiness).toMatchObject({ ready: false, reason: 'Unreachable' });
    expect(location.access.readiness.message).toMatch(/no answer within 10 s/);
  });

  it('lets nobody but a probe ask while it is silent, and is there again when a probe is answered', async () => {
    const { location, clock, inner, changes } = place();
    await clock.advance(0);
    const { store } = location.access;
    inner.isSilent = true;
    const first = outcomeOf(store!.get('v1/a'));
    await clock.advance(10_000);
    await first;
    const before = inner.asked;
    for (let i = 0; i < 100; i += 1) expect(await outcomeOf(store!.get('v1/b'))).toMatch(/no answer within 10 s/);
    expect(inner.asked).toBe(before);
    await clock.advance(firstCoolDownMs);
    expect(inner.asked).toBe(before + 1);
    await clock.advance(10_000); // the probe is not answered
    inner.isSilent = false;
    await clock.advance(2 * firstCoolDownMs - 1);
    expect(location.access.readiness.ready).toBe(false);
    await clock.advance(1);
    expect(location.access.readiness.ready).toBe(true);
    expect(inner.asked).toBe(before + 2);
    expect(changes).toEqual([true, false, false, true]); // the probe gives another reason
  });

  it('is there again when a request of before is answered after all', async () => {
    const { location, clock, inner } = place();
    await clock.advance(0);
    const { store } = location.access;
    inner.isSilent = true;
    void outcomeOf(store!.get('v1/a'));
    await clock.advance(9_000);
    const { promise, resolve } = Promise.withResolvers<undefined>();
    inner.get = () => promise;
    const late = store!.get('v1/b');
    await clock.advance(1_000);
    expect(location.access.readiness.ready).toBe(false);
    resolve(undefined);
    await late;
    expect(location.access.readiness.ready).toBe(true);
    await clock.advance(60_000); // the scheduled probe does no harm
    expect(location.access.readiness.ready).toBe(true);
  });

  it('does not mind a timer that rings a moment early, as those of Node do', async () => {
    const { location, clock, inner } = place();
    await clock.advance(0);
    inner.isSilent = true;
    void outcomeOf(location.access.store!.get('v1/a'));
    await clock.advance(10_000);
    inner.isSilent = false;
    clock.setBack(0.5);
    await clock.advance(firstCoolDownMs + 1);
    expect(location.access.readiness.ready).toBe(true);
  });

  it('passes the end of who asks on', async () => {
    const { location, clock, inner } = place();
    await clock.advance(0);
    inner.isSilent = true;
    const stop = new AbortController();
    const asked = outcomeOf(location.access.store!.get('v1/a', stop.signal));
    stop.abort(new Error('enough'));
    expect(await asked).toBe('enough');
    expect(inner.lastSignal?.aborted).toBe(true);
    expect(location.access.readiness.ready).toBe(true);
  });

  it('cuts short a list of which no further page comes', async () => {
    const { location, clock, inner } = place();
    await inner.put('v1/a', new Uint8Array());
    await clock.advance(0);
    inner.list = async function* (prefix: string) {
      yield* MemoryStore.prototype.list.call(this, prefix);
      await new Promise(() => undefined);
    };
    const found: string[] = [];
    const listed = outcomeOf(
      (async () => {
        for await (const { key } of location.access.store!.list('v1/')) found.push(key);
      })(),
    );
    await clock.advance(10_000);
    expect(await listed).toMatch(/listing v1\/: no answer/);
    expect(found).toEqual(['v1/a']);
  });

  it.each<[string, Error, string]>([
    ['a newer format', new NewerStoreError('its format is 9'), 'NewerFormat'],
    ['no access', new StoreUnavailableError('access is denied: the credentials need get'), 'AccessDenied'],
    ['no conditional put', new StoreUnavailableError('it overwrites on a conditional put'), 'ConditionalPutUnsupported'],
    ['nobody there', new StoreUnavailableError('nothing answers there'), 'Unreachable'],
  ])('says why it could not be opened: %s; and tries again', async (_, error, reason) => {
    let tries = 0;
    const { location, clock } = place(() => {
      tries += 1;
      return Promise.reject(error);
    });
    await clock.advance(0);
    expect(location.access.readiness).toEqual({ ready: false, reason, message: error.message });
    await clock.advance(firstCoolDownMs);
    expect(tries).toBe(2);
    await clock.advance(2 * firstCoolDownMs);
    expect(tries).toBe(3);
  });
});
