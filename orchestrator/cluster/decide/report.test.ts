import type { Condition, SweepStatus } from '@ncsweep/protocol/status';
import { describe, expect, it } from 'vitest';
import { observeReport, wantedReport } from './report.ts';
import { statusAfterEnd } from './status.ts';
import type { SweepResource } from './sweep-resource.ts';

const condition = (type: Condition['type'], status: Condition['status'], reason = 'AllCommitted'): Condition => ({
  type,
  status,
  reason,
  message: '',
  observedGeneration: 3,
  lastTransitionTime: '2026-01-01T00:00:00.000Z',
});
const resource = (status: SweepStatus, request?: string): SweepResource => ({
  metadata: {
    name: 'a',
    namespace: 'lab',
    uid: 'u',
    generation: 3,
    ...(request === undefined ? {} : { annotations: { 'ncsweep.dev/report': request } }),
  },
  spec: {},
  status,
});
const running: SweepStatus = { observedGeneration: 3, conditions: [condition('Complete', 'False')] };
const over: SweepStatus = {
  observedGeneration: 3,
  conditions: [condition('Complete', 'True'), condition('ReportReady', 'False', 'Pending')],
};
const url = 's3://b/p/v1/sweeps/u/report/index.html';
const written = (of: SweepResource): SweepStatus =>
  statusAfterEnd(of, observeReport(of, { state: 'written', message: '' }, url), Date.UTC(2026, 0, 2));

describe('the report that is due', () => {
  it('is none while a sweep runs and nobody asks', () => {
    expect(wantedReport(resource(running))).toBeUndefined();
  });
  it('is another at the end, on request, on another request, and after an edit', () => {
    const edited = { ...resource(over), metadata: { ...resource(over).metadata, generation: 4 } };
    const keys = [resource(over), resource(running, '1'), resource(over, '1'), resource(over, '2')].map(wantedReport);
    expect(new Set(keys).size).toBe(4);
    expect(wantedReport(edited)).toBeUndefined(); // it runs again
    const retried = { ...resource(over), metadata: { ...resource(over).metadata, annotations: { 'ncsweep.dev/retry': '1' } } };
    expect(wantedReport(retried)).toBeUndefined();
    expect(wantedReport({ ...retried, status: { ...over, retried: '1' } })).toBe(wantedReport(resource(over)));
  });
});

describe('what the status says of it', () => {
  it('is Pending until its Job ends, then where it lies', () => {
    expect(observeReport(resource(over), undefined, url)).toMatchObject({ reason: 'Pending' });
    expect(observeReport(resource(over), { state: 'running', message: '' }, url)).toMatchObject({ reason: 'Pending' });
    const status = written(resource(over));
    expect(status.report).toEqual({ key: wantedReport(resource(over)), generation: 3, url });
    expect(status.conditions?.find(({ type }) => type === 'ReportReady')).toMatchObject({ status: 'True', reason: 'Written' });
    expect(status.conditions?.find(({ type }) => type === 'Complete')).toEqual(over.conditions?.[0]);
  });
  it('stays when the Job is gone', () => {
    const status = written(resource(over));
    expect(observeReport(resource(status), undefined, url)).toMatchObject({ reason: 'Written', report: status.report });
    expect(statusAfterEnd(resource(status), observeReport(resource(status), undefined, url), 0)).toEqual(status);
  });
  it('is why the Job failed, until another is asked for', () => {
    const failed = observeReport(resource(over), { state: 'failed', message: 'no ledger' }, url);
    expect(failed).toMatchObject({ reason: 'RenderFailed', message: 'no ledger' });
    expect(failed.report).not.toHaveProperty('url');
    const status = statusAfterEnd(resource(over), failed, 0);
    expect(observeReport(resource(status), undefined, url)).toMatchObject({ reason: 'RenderFailed' });
    expect(observeReport(resource(status, 'again'), undefined, url)).toMatchObject({ reason: 'Pending' });
  });
});
