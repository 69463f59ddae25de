import { describe, expect, it } from 'vitest';
import { engineStatus } from '../testing/engine-status.ts';
import { Metrics } from './metrics.ts';

const labels = { namespace: 'lab', sweep: 'a' };
const counts = { total: 9, cached: 1, done: 2, running: 1, waiting: 3, parked: 1, blocked: 1 };
const status = engineStatus({ counts, queued: { train: 2, evaluate: 0 } });
const event = { v: 1, worker: 'w', atMs: 0, taskId: 't', cellId: 'c', attemptId: 'a' } as const;

describe('Metrics', () => {
  it('shows a sweep until it is gone, and others after', async () => {
    const metrics = new Metrics();
    const other = { ...labels, sweep: 'b' };
    for (const each of [labels, other]) {
      metrics.sweep(each, status);
      metrics.event(each, { ...event, kind: 'committed', computeMs: 1500 });
      metrics.event(each, { ...event, kind: 'attempt-ended', class: 'device', outcome: 'retry', message: '' });
    }
    const before = await metrics.text();
    expect(before).toContain('ncsweep_cells{namespace="lab",sweep="a",state="waiting"} 3');
    expect(before).toContain('ncsweep_queued_tasks{namespace="lab",sweep="a",class="train"} 2');
    expect(before).toContain('ncsweep_compute_seconds_total{namespace="lab",sweep="a"} 1.5');
    expect(before).toContain('ncsweep_attempts_ended_total{namespace="lab",sweep="a",class="device",outcome="retry"} 1');
    await metrics.forget(labels);
    const after = await metrics.text();
    expect(after).not.toContain('sweep="a"');
    expect(after).toContain('ncsweep_cells{namespace="lab",sweep="b",state="waiting"} 3');
  });

  it('says who leads, and how long passes take', async () => {
    const metrics = new Metrics();
    expect(await metrics.text()).toContain('ncsweep_leader 0');
    metrics.leads();
    metrics.pass()();
    expect(await metrics.text()).toMatch(/ncsweep_leader 1[^]*ncsweep_reconcile_seconds_count 1/);
  });
});
