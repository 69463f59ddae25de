import type { Condition, SweepStatus } from '@ncsweep/protocol/status';
import { describe, expect, it } from 'vitest';
import { newsOf } from './sweep-news.ts';

const condition = (type: Condition['type'], status: Condition['status'], reason: string, message = ''): Condition => ({
  type,
  status,
  reason,
  message,
  observedGeneration: 1,
  lastTransitionTime: '',
});
const planned = condition('Planned', 'True', 'Planned');
const running: SweepStatus = {
  phase: 'Running',
  reason: 'Running',
  trials: '3/12',
  conditions: [planned, condition('Progressing', 'True', 'Running')],
};
const suspended: SweepStatus = {
  phase: 'Suspended',
  reason: 'BySpec',
  trials: '3/12',
  conditions: [planned, condition('Suspended', 'True', 'BySpec', 'spec.suspend is true')],
};
const pending = (reason: string, message: string, more: SweepStatus = {}): SweepStatus => ({
  phase: 'Pending',
  reason,
  trials: '3/12',
  conditions: [planned, condition('Progressing', 'False', reason, message)],
  ...more,
});
const planning = pending('NothingReady', 'the plan is being made', {
  conditions: [
    condition('Planned', 'Unknown', 'Planning', 'the plan is being made'),
    condition('Progressing', 'False', 'NothingReady', 'the plan is being made'),
  ],
});

describe('the news of a Sweep', () => {
  it.each<[string, SweepStatus | undefined, SweepStatus, string]>([
    ['made', undefined, planning, 'Normal Planning the plan is being made'],
    ['made suspended', undefined, { ...suspended, trials: '?/12' }, 'Normal Suspended spec.suspend is true'],
    [
      'suspended while it runs',
      running,
      suspended,
      'Normal Suspended spec.suspend is true; its workers write checkpoints and end; 3/12 trials are done',
    ],
    ['resumed', suspended, pending('NothingReady', 'reads'), 'Normal Resumed it continues; 3/12 trials are done'],
    ['resumed, to be planned again', suspended, planning, 'Normal Resumed it continues; 3/12 trials are done'],
    ['running', pending('WaitingForWorkers', 'w'), running, 'Normal Running Running; 3/12 trials are done'],
    ['without workers', running, pending('ImagePullFailed', 'no such image'), 'Warning ImagePullFailed no such image'],
    [
      'still without workers, for another reason',
      pending('CannotStart', 'a'),
      pending('OutOfMemory', 'b'),
      'Warning OutOfMemory b',
    ],
  ])('that is %s', (_, before, after, said) => {
    const news = newsOf(before, after);
    expect(`${news?.type} ${news?.reason} ${news?.message}`).toBe(said);
  });

  it.each<[string, SweepStatus, SweepStatus]>([
    ['its progress', running, { ...running, trials: '4/12' }],
    ['the same trouble, of another pod', pending('CannotStart', 'pod a'), pending('CannotStart', 'pod b')],
    ['waiting, of which nothing is wrong', pending('WaitingForWorkers', 'w'), pending('WaitsForSweep', 'x')],
  ])('is not %s', (_, before, after) => {
    expect(newsOf(before, after)).toBeUndefined();
  });
});
