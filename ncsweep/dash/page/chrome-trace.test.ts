import { expect, it } from 'vitest';
import { chromeTrace } from './chrome-trace.ts';

it('has a thread for each worker and an event for each attempt, in microseconds from the first', () => {
  const spans = [
    { worker: 'w2', cell: 7, startMs: 1500, endMs: 2000, outcome: 'committed' },
    { worker: 'w1', cell: 3, startMs: 1000, outcome: 'running', message: 'still' },
  ] as const;
  const { traceEvents } = JSON.parse(chromeTrace(spans, (cell) => `cell ${cell}`, 4000)) as { traceEvents: unknown[] };
  expect(traceEvents).toEqual([
    { name: 'thread_name', ph: 'M', pid: 1, tid: 0, args: { name: 'w1' } },
    { name: 'thread_name', ph: 'M', pid: 1, tid: 1, args: { name: 'w2' } },
    { name: 'cell 7', cat: 'committed', ph: 'X', pid: 1, tid: 1, ts: 500_000, dur: 500_000, args: { outcome: 'committed' } },
    {
      name: 'cell 3',
      cat: 'running',
      ph: 'X',
      pid: 1,
      tid: 0,
      ts: 0,
      dur: 3_000_000,
      args: { outcome: 'running', message: 'still' },
    },
  ]);
});
