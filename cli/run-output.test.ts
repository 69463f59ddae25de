import { exampleSweep } from '@ncsweep/catalog/testing/example-sweep';
import type { RunEvent } from '@ncsweep/orchestrator/engine/local/run-event';
import { planSweep } from '@ncsweep/orchestrator/planning/plan/plan';
import { describe, expect, it } from 'vitest';
import { plainOutput, terminalOutput } from './run-output.ts';

const plan = planSweep({ ...exampleSweep, name: 'a-sweep-with-a-name' }, 'wasm', 100);
const [snapshot] = plan.trainings[0]!.cells;
const counts = { total: 282, cached: 0, done: 170, running: 2, waiting: 110, parked: 0, blocked: 0 };
const progress = (more: Partial<typeof counts> = {}): RunEvent => ({
  kind: 'progress',
  counts: { ...counts, ...more },
  etaSeconds: 4521,
});
const started: RunEvent = { kind: 'started', sweep: 'a', backend: 'wasm', workers: 2, counts };
const epoch = (at: number): RunEvent => ({
  kind: 'record',
  worker: 'w1',
  record: {
    v: 1,
    seq: 1,
    kind: 'progress',
    taskId: 't',
    cellId: snapshot!.cellId,
    attemptId: 'a',
    atMs: 0,
    epoch: at,
    epochs: 60,
    values: {},
  },
});

/** What a screen with this many columns shows after some events. */
function screenAfter(columns: number, ...events: RunEvent[]): string[] {
  let written = '';
  let nowMs = 0;
  const output = terminalOutput({ columns, write: (text) => (written = text) }, () => (nowMs += 1000));
  output.plan(plan);
  for (const event of events) output.event(event);
  return written.trimEnd().split('\n');
}

describe('progress on a terminal', () => {
  it.each([40, 60, 80, 200])('fits %d columns, and has percent, time left and what runs', (columns) => {
    const [head, ...workers] = screenAfter(columns, started, epoch(3.4), progress());
    for (const line of [head!, ...workers]) expect(line.length).toBeLessThanOrEqual(columns);
    expect(head).toMatch(/60 % {3}ETA 1h15m {3}2 running/);
    expect(workers).toHaveLength(1);
  });

  it('leaves out what is zero, and shows what went wrong before what is done', () => {
    expect(screenAfter(200, progress()).join()).not.toMatch(/parked|cached|blocked|lost/);
    expect(screenAfter(60, progress({ parked: 3, running: 1 }))[0]).toContain('1 running · 3 parked');
  });
});

describe('progress in a pipe', () => {
  /** Lines, by the second in which they came, of a run that reports progress each second. */
  function linesOver(seconds: number, ...records: RunEvent[]): { readonly at: number; readonly line: string }[] {
    const lines: { at: number; line: string }[] = [];
    let nowMs = 0;
    const output = plainOutput({ write: (line) => lines.push({ at: Math.round(nowMs / 1000), line }) }, () => nowMs);
    output.plan(plan);
    output.event(started);
    for (let second = 1; second <= seconds; second += 1) {
      // Timers come a little early or late.
      nowMs = second * 1000 + (second % 3) * 40 - 40;
      for (const record of records) output.event(record);
      output.event(progress());
    }
    return lines;
  }

  it('comes every five seconds, whether anything was committed or not', () => {
    expect(linesOver(21).map(({ at }) => at)).toEqual([0, 5, 10, 15, 20]);
  });

  it('says how far trainings are', () => {
    expect(linesOver(6, epoch(3.4)).at(-1)!.line).toMatch(/60 % {3}ETA 1h15m .* {3}w1 plain seed 1 epoch \d+, epoch 3\/60\n$/);
  });
});
