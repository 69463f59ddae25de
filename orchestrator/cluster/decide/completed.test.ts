import type { SweepStatus } from '@ncsweep/protocol/status';
import { describe, expect, it } from 'vitest';
import { completedOf, isStillComplete } from './completed.ts';
import { isOver, wantedReport } from './report.ts';
import { statusAfterEnd } from './status.ts';
import { stageOf } from './stage.ts';
import type { SweepResource } from './sweep-resource.ts';

const spec = { seed: ['1..2'], execution: { parallelism: 4, backend: 'wasm' } };
const of = (generation: number, status: SweepStatus, change: object = {}): SweepResource => ({
  metadata: { name: 'a', namespace: 'lab', uid: 'uid', generation },
  spec: { ...spec, ...change },
  status,
});
const ended = (type: 'Complete' | 'Failed'): SweepStatus => ({
  observedGeneration: 3,
  phase: type,
  conditions: [
    { type, status: 'True', reason: 'r', message: '', observedGeneration: 3, lastTransitionTime: '2026-01-01T00:00:00Z' },
    {
      type: 'Suspended',
      status: 'False',
      reason: 'NotSuspended',
      message: '',
      observedGeneration: 3,
      lastTransitionTime: '2026-01-01T00:00:00Z',
    },
  ],
});
const complete: SweepStatus = { ...ended('Complete'), completed: completedOf(of(3, ended('Complete'))) };

describe('a complete Sweep', () => {
  it.each<[string, object]>([
    ['suspended', { suspend: true }],
    ['scaled to zero', { execution: { ...spec.execution, parallelism: 0 } }],
    ['scaled up', { execution: { ...spec.execution, parallelism: 400 } }],
    ['cancelled', { cancelled: true }],
    ['kept for an hour', { ttlSecondsAfterFinished: 3600 }],
    ['deleted with its results, one day', { deletionPolicy: 'Delete' }],
  ])('that is %s stays complete, and says so for the new generation, without another report', (_, change) => {
    const edited = of(4, complete, change);
    expect(isStillComplete(edited)).toBe(true);
    expect(stageOf(edited, undefined, false)).toBe('over');
    const report = wantedReport(of(3, complete));
    expect(wantedReport(edited)).toBe(report);
    const status = statusAfterEnd(edited, { reason: 'Written', message: '' }, 0);
    expect(status).toMatchObject({ phase: 'Complete', observedGeneration: 4, completed: complete.completed });
    for (const each of status.conditions ?? []) expect(each.observedGeneration).toBe(4);
    expect(isOver(of(4, status, change))).toBe(true);
    expect(status.conditions).toContainEqual(expect.objectContaining({ type: 'Suspended', status: 'False' }));
  });

  it.each<[string, object]>([
    ['other seeds', { seed: ['1..3'] }],
    ['another backend', { execution: { parallelism: 4, backend: 'native-cpu' } }],
    ['other seeds, and to be cancelled', { seed: ['1..3'], cancelled: true }],
  ])('that is asked for %s is not over', (_, change) => {
    expect(isOver(of(4, complete, change))).toBe(false);
  });

  it('is complete for what was asked last', () => {
    const again = { ...complete, observedGeneration: 5 };
    expect(completedOf(of(5, again, { seed: ['1..3'] })).digest).not.toBe(completedOf(of(3, complete)).digest);
  });

  it('that an earlier program completed is judged by its generation, and remembered', () => {
    const old = ended('Complete');
    expect(isOver(of(3, old))).toBe(true);
    expect(isOver(of(4, old, { suspend: true }))).toBe(false);
    const status = statusAfterEnd(of(3, old), { reason: 'Written', message: '' }, 0);
    expect(isOver(of(4, status, { suspend: true }))).toBe(true);
  });
});

it('a failed Sweep that is edited is tried again', () => {
  expect(isOver(of(3, ended('Failed')))).toBe(true);
  expect(isOver(of(4, ended('Failed'), { execution: { parallelism: 5 } }))).toBe(false);
});
