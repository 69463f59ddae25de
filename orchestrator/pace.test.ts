import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Pace } from './pace.ts';

vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number, _: unknown, { signal }: { signal: AbortSignal }) =>
    new Promise<void>((resolve, reject) => {
      if (signal.aborted) reject(new Error('aborted'));
      signal.addEventListener('abort', () => reject(new Error('aborted')));
      setTimeout(resolve, ms);
    }),
}));
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** @returns how long a rest took. @param at when a worker says something */
async function restMs(passMs: number, at?: number, stopAt?: number): Promise<number> {
  const pace = new Pace();
  const stop = new AbortController();
  pace.begin();
  if (at === 0) pace.news();
  const began = Date.now();
  const rest = pace.rest(passMs, stop.signal).then(() => Date.now() - began);
  if (at !== undefined) setTimeout(() => pace.news(), at);
  if (stopAt !== undefined) setTimeout(() => stop.abort(), stopAt);
  await vi.runAllTimersAsync();
  return rest;
}

it.each([
  ['a second, when nothing is said', 5, undefined, 1000],
  ['until something is said', 5, 400, 400],
  ['a tenth of a second at least, also when something was said during the pass', 5, 0, 100],
  ['four times a long pass', 200, 10, 800],
  ['a second at most, however long a pass', 5000, 10, 1000],
])('rests %s', async (_, passMs, at, expected) => {
  expect(await restMs(passMs, at)).toBe(expected);
});

it('rests no longer once it is told to end', async () => {
  expect(await restMs(5, undefined, 30)).toBe(30);
});

it('acts on news once', async () => {
  const pace = new Pace();
  pace.news();
  pace.begin();
  const began = Date.now();
  const rest = pace.rest(5, new AbortController().signal).then(() => Date.now() - began);
  await vi.runAllTimersAsync();
  expect(await rest).toBe(1000);
});
