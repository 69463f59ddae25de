import { describe, expect, it } from 'vitest';
import { TrainingPace } from './training-pace.ts';

const record = (attemptId: string, epoch: number, atMs: number) =>
  ({ v: 1, seq: 1, kind: 'progress', taskId: 't', cellId: 'c', attemptId, atMs, epoch, epochs: 9, values: {} }) as const;

describe('the pace of a training', () => {
  it('is told from its second sign of life on', () => {
    const pace = new TrainingPace();
    pace.see(record('a', 1, 60_000));
    expect(pace.advances.size).toBe(0);
    pace.see(record('a', 1.5, 65_000));
    pace.see(record('a', 3, 80_000));
    expect(pace.advances.get('c')).toEqual({ fromEpoch: 1, toEpoch: 3, seconds: 20 });
  });

  it('begins again with another attempt', () => {
    const pace = new TrainingPace();
    for (const each of [record('a', 1, 0), record('a', 2, 1000), record('b', 2, 500_000)]) pace.see(each);
    expect(pace.advances.size).toBe(0);
    pace.see(record('b', 3, 502_000));
    expect(pace.advances.get('c')).toEqual({ fromEpoch: 2, toEpoch: 3, seconds: 2 });
  });
});
