import { describe, expect, it } from 'vitest';
import { podEnd, type PodStatus } from './pod-end.ts';

const ended = (exitCode: number, reason = 'Error', more: Partial<PodStatus> = {}): PodStatus => ({
  containerStatuses: [
    { name: 'proxy', state: { terminated: { exitCode: 1 } } },
    { name: 'worker', state: { terminated: { exitCode, reason } } },
  ],
  ...more,
});
const target = { conditions: [{ type: 'DisruptionTarget', status: 'True' }] };

describe('the end of a pod', () => {
  it.each<[string, PodStatus, string | undefined]>([
    ['runs', { containerStatuses: [{ name: 'worker', state: {} }] }, undefined],
    ['was not started', {}, undefined],
    ['ran out of memory', ended(137, 'OOMKilled'), 'outOfMemory'],
    ['ran out of memory while it was drained', ended(137, 'OOMKilled', target), 'outOfMemory'],
    ['was killed', ended(137), undefined],
    ['was told to stop and did not listen', ended(143), undefined],
    ['drained', ended(0, 'Completed'), undefined],
    ['gave its task back', ended(75), undefined],
    ['has the wrong credentials', ended(78), undefined],
    ['was preempted', ended(1, 'Error', target), undefined],
    ['was evicted', ended(1, 'Error', { reason: 'Evicted' }), undefined],
    ['has a broken device', ended(70), 'device'],
    ['crashed', ended(139), 'unknown'],
    ['ended unexpectedly', ended(1), 'unknown'],
  ])('that %s', (_, status, expected) => {
    expect(podEnd('uid', status)?.class).toBe(expected);
  });
});
