import { describe, expect, it } from 'vitest';
import { engineStatus } from '../../testing/engine-status.ts';
import { nowMs, pools, resource, seen } from '../../testing/seen-sweep.ts';
import type { Wave } from '../jobs/pool-plan.ts';
import { decide, type Seen } from './decide.ts';
import { afterStop, type PoolsSeen } from './pools.ts';

describe('the pools of a Sweep', () => {
  it('do not create again what the last pass created', () => {
    const of = resource();
    const first = decide(seen({ pools: pools(of) }));
    const again = decide(seen({ pools: pools(of, { memory: first.memory!, nowMs: nowMs + 1_000 }) }));
    expect(again.steps.map(({ kind }) => kind)).toEqual(['drain', 'drain']);
  });

  it('never both get the room that the namespace has once', () => {
    const share = { workers: 3, isLimited: true, limit: { pods: 2 } };
    const queued = { train: 5, evaluate: 5 };
    const { steps } = decide(seen({ pools: pools(resource(), { queued, share }) }));
    const sizes = steps.flatMap((step) =>
      step.kind === 'create-job' ? [(step.manifest['spec'] as { parallelism: number }).parallelism] : [],
    );
    expect(sizes.reduce((a, b) => a + b, 0)).toBe(2);
  });
});

describe('a Sweep whose workers never start working', () => {
  const failedWave = (index: number, failuresBefore: number): Wave => {
    const { steps } = decide(seen());
    const [job] = steps.flatMap((step) => (step.kind === 'create-job' ? [step.manifest] : []));
    const { annotations } = job!['metadata'] as { annotations: Record<string, string> };
    return {
      name: `a-train-${index}`,
      index,
      size: 2,
      ended: 2,
      finished: true,
      failed: true,
      running: 0,
      outOfMemory: false,
      failuresBefore,
      template: annotations['ncsweep.dev/template']!,
      memoryStep: 0,
    };
  };
  const idle = engineStatus({ active: false });
  const crash = { reason: 'WorkersCrashing', message: 'pod p ended with 1 no GPU' } as const;
  const of = (waves: readonly Wave[], change: Partial<PoolsSeen> = {}): Seen => {
    const problems = { train: crash, evaluate: undefined };
    const changed = { waves: { train: waves, evaluate: [] }, problems, ...change };
    return seen({ engine: idle, pools: pools(resource(), changed) });
  };

  it('waits before it creates the next wave, which records how many failed before it', () => {
    const waves = [failedWave(1, 1), failedWave(0, 0)];
    const first = decide(of(waves));
    expect(first.steps.map(({ kind }) => kind)).toEqual(['delete-job', 'drain', 'drain']);
    expect(first.steps[0]).toEqual({ kind: 'delete-job', name: 'a-train-0' });
    const later = { memory: first.memory!, nowMs: nowMs + 20_000 };
    const [made] = decide(of([waves[0]!], later)).steps;
    expect(made).toMatchObject({
      kind: 'create-job',
      manifest: { metadata: { annotations: { 'ncsweep.dev/failures-before': '2' } } },
    });
  });

  it('keeps the words of the last wave while the next wave is being created', () => {
    const { memory } = decide(of([failedWave(1, 1)]));
    const { status } = decide(of([failedWave(1, 1)], { memory: memory!, problems: { train: undefined, evaluate: undefined } }));
    const message = expect.stringMatching(/no GPU\. Remedy: .*ncsweep logs a -n lab/) as string;
    expect(status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Progressing', reason: 'WorkersCrashing', message }),
    );
  });

  it('fails after five waves, in the words of the last', () => {
    expect(decide(of([failedWave(3, 3)])).status?.phase).toBe('Pending');
    const { status, steps } = decide(of([failedWave(4, 4)]));
    const message = expect.stringMatching(/^the workers of several Jobs .*no GPU.*ncsweep retry a --failed -n lab/) as string;
    expect(status).toMatchObject({ phase: 'Failed', reason: 'WorkersCrashing' });
    expect(status?.conditions).toContainEqual(expect.objectContaining({ type: 'Failed', status: 'True', message }));
    expect(steps.map(({ kind }) => kind)).toEqual(['drain', 'drain']);
  });

  it('fails neither while workers of the other class work nor for a class that has no tasks', () => {
    expect(decide({ ...of([failedWave(4, 4)]), engine: engineStatus({ active: true }) }).status?.phase).toBe('Running');
    expect(decide(of([failedWave(4, 4)], { queued: { train: 2, evaluate: 2 } })).status?.phase).toBe('Pending');
    expect(decide(of([failedWave(4, 4)], { queued: { train: 0, evaluate: 2 } })).status?.phase).toBe('Pending');
  });

  it('gets more memory if a worker lacked it at its start, and still more if a task did too', () => {
    const killed = { ...failedWave(0, 0), failed: false, finished: false, ended: 0, outOfMemory: true };
    const stepOf = (memorySteps: PoolsSeen['memorySteps']): unknown => {
      const { steps } = decide(of([killed], { memorySteps }));
      const [job] = steps.flatMap((step) => (step.kind === 'create-job' ? [step.manifest] : []));
      return (job!['metadata'] as { annotations: object }).annotations;
    };
    expect(stepOf({ train: 0, evaluate: 0 })).toMatchObject({ 'ncsweep.dev/memory-step': '1' });
    expect(stepOf({ train: 2, evaluate: 0 })).toMatchObject({ 'ncsweep.dev/memory-step': '3' });
    expect(decide(of([killed])).steps).toContainEqual({ kind: 'delete-job', name: 'a-train-0' });
  });

  it('gets all its tries again after it was stopped', () => {
    const { memory } = decide(of([failedWave(4, 4)]));
    const again = decide(of([], { memory: afterStop(memory!), nowMs: nowMs + 1_000_000 }));
    expect(again.steps[0]).toMatchObject({
      kind: 'create-job',
      manifest: { metadata: { annotations: { 'ncsweep.dev/failures-before': '0' } } },
    });
  });
});
