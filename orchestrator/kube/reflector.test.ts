import { describe, expect, it } from 'vitest';
import { GoneError, Reflector, type Change, type KubeObject, type Page, type Source } from './reflector.ts';

interface Thing extends KubeObject {
  readonly value: number;
}
const thing = (name: string, value: number, resourceVersion = String(value)): Thing => ({
  metadata: { name, namespace: 'ns', resourceVersion },
  value,
});
const page = (items: Thing[], resourceVersion: string, next?: string): Page<Thing> => ({
  items,
  resourceVersion,
  continue: next,
});

/** A step of a scripted server. */
type Step =
  | { readonly list: Page<Thing> | Error; readonly token?: string }
  | { readonly watch: readonly Change<Thing>[]; readonly from: string; readonly then?: Error };

interface Played {
  readonly reflector: Reflector<Thing>;
  readonly values: Readonly<Record<string, number>>;
  readonly errors: readonly string[];
  readonly pauses: readonly number[];
  readonly advance: (ms: number) => void;
}

/** Plays the steps in order, checks the requests, and stops the reflector after the last step. */
async function play(steps: readonly Step[]): Promise<Played> {
  const stop = new AbortController();
  const left = [...steps];
  const [errors, pauses]: [string[], number[]] = [[], []];
  let clock = 0;
  const next = (): Step | undefined => {
    const step = left.shift();
    if (step === undefined) stop.abort();
    return step;
  };
  const source: Source<Thing> = {
    list: (token) => {
      const step = next();
      if (step === undefined) return Promise.reject(new Error('over'));
      if (!('list' in step)) throw new Error('unexpected list');
      expect(token).toBe(step.token);
      return step.list instanceof Error ? Promise.reject(step.list) : Promise.resolve(step.list);
    },
    watch: (version, on) => {
      const step = next();
      if (step === undefined) return Promise.reject(new Error('over'));
      if (!('watch' in step)) throw new Error(`unexpected watch from ${version}`);
      expect(version).toBe(step.from);
      clock += 1000;
      step.watch.forEach(on);
      return step.then ? Promise.reject(step.then) : Promise.resolve();
    },
  };
  const reflector = new Reflector(source, {
    now: () => clock,
    random: () => 0,
    pause: (ms) => {
      pauses.push(ms);
      return Promise.resolve();
    },
    onChange: () => undefined,
    onError: (error) => errors.push(error.message),
  });
  await reflector.run(stop.signal);
  const values = Object.fromEntries([...reflector.items()].map((t) => [t.metadata?.name ?? '', t.value]));
  return { reflector, values, errors, pauses, advance: (ms: number) => void (clock += ms) };
}

describe('Reflector', () => {
  it('lists in pages and follows the watch', async () => {
    const { values, reflector } = await play([
      { list: page([thing('a', 1)], '10', 'more') },
      { list: page([thing('b', 2)], '10'), token: 'more' },
      {
        from: '10',
        watch: [
          { type: 'ADDED', object: thing('c', 3, '11') },
          { type: 'MODIFIED', object: thing('a', 5, '12') },
          { type: 'DELETED', object: thing('b', 2, '13') },
        ],
      },
    ]);
    expect(values).toEqual({ a: 5, c: 3 });
    expect(reflector.get('ns/c')?.value).toBe(3);
    expect(reflector.synced).toBe(true);
  });

  it('watches again from the last event or bookmark when the server ends the watch', async () => {
    const { errors } = await play([
      { list: page([], '10') },
      { from: '10', watch: [{ type: 'ADDED', object: thing('a', 1, '11') }] },
      { from: '11', watch: [{ type: 'BOOKMARK', resourceVersion: '50' }] },
      { from: '50', watch: [] },
    ]);
    expect(errors).toEqual([]);
  });

  it('goes on from the last event after a broken connection, and from the last list after a failed one', async () => {
    const { values, errors } = await play([
      { list: new Error('refused') },
      { list: page([thing('a', 1)], '10') },
      { from: '10', watch: [{ type: 'ADDED', object: thing('b', 2, '12') }], then: new Error('socket hang up') },
      { from: '12', watch: [], then: new Error('refused again') },
      { from: '12', watch: [{ type: 'MODIFIED', object: thing('b', 3, '13') }] },
    ]);
    expect(values).toEqual({ a: 1, b: 3 });
    expect(errors).toEqual(['refused', 'socket hang up', 'refused again']);
  });

  it('lists anew what the server has forgotten, without what is gone by then', async () => {
    const { values, errors } = await play([
      { list: page([thing('a', 1), thing('b', 2)], '10') },
      { from: '10', watch: [], then: new GoneError('too old') },
      { list: page([thing('b', 3)], '90', 'more') },
      { list: new GoneError('the page expired'), token: 'more' },
      { list: page([thing('b', 4)], '95') },
      { from: '95', watch: [] },
    ]);
    expect(values).toEqual({ b: 4 });
    expect(errors).toEqual([]);
  });

  it('keeps the old copy while a new list is incomplete', async () => {
    const { values } = await play([
      { list: page([thing('a', 1)], '10') },
      { from: '10', watch: [], then: new GoneError('too old') },
      { list: page([thing('b', 2)], '20', 'more') },
      { list: new Error('refused'), token: 'more' },
    ]);
    expect(values).toEqual({ a: 1 });
  });

  it('pauses longer after each failure, up to a bound, and shortly again after a success', async () => {
    const failures = Array.from({ length: 12 }, (): Step => ({ list: new Error('refused') }));
    const { pauses } = await play([...failures, { list: page([], '1') }, { from: '1', watch: [], then: new Error('x') }]);
    expect(pauses.slice(0, 4)).toEqual([100, 200, 400, 800]);
    expect(Math.max(...pauses)).toBe(15_000);
    expect(pauses.at(-1)).toBe(100);
  });

  it('knows how long the server has been silent', async () => {
    const { reflector, advance } = await play([
      { list: page([], '1') },
      { from: '1', watch: [{ type: 'BOOKMARK', resourceVersion: '2' }] },
    ]);
    advance(5000);
    expect(reflector.staleMs()).toBe(5000);
  });
});
