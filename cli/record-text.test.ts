import type { TaskRecord } from '@ncsweep/protocol/messages';
import { expect, it } from 'vitest';
import { attemptText } from './record-text.ts';

const base = (seq: number) => ({ v: 1, seq, taskId: 't', cellId: 'c', attemptId: 'a', worker: 'w', atMs: 1000 * seq }) as const;
const records: readonly TaskRecord[] = [
  { ...base(1), kind: 'attempt', state: 'started' },
  { ...base(2), kind: 'progress', epoch: 1, epochs: 9, values: { loss: 0.5 } },
  { ...base(5), kind: 'log', level: 'warn', text: 'slow' },
  { ...base(6), kind: 'progress', epoch: 2, epochs: 9, values: { loss: 0.25 } },
];

it('tells what an attempt said, how far it is, and where records were lost', () => {
  expect(attemptText('a', records).split('\n')).toEqual([
    '== attempt a of w without an end',
    '1970-01-01T00:00:01.000Z  started',
    '(2 records lost)',
    '1970-01-01T00:00:05.000Z  warn  slow',
    '1970-01-01T00:00:06.000Z  epoch 2/9   loss 0.250',
    '',
  ]);
});

it('says so when there are none', () => expect(attemptText('a', [])).toContain('NATS has no records of it'));
