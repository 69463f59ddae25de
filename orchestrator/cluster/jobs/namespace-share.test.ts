import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { demanded, fairShares, type NamespaceLimit, type WorkerDemand } from './namespace-share.ts';

const demand = (train: number, change: Partial<WorkerDemand> = {}): WorkerDemand => ({
  queued: { train, evaluate: 0 },
  parallelism: 100,
  gpus: { train: 1, evaluate: 0 },
  ...change,
});
const large = { gpus: { train: 8, evaluate: 0 } };

describe('fairShares', () => {
  it.each<[string, readonly WorkerDemand[], NamespaceLimit, readonly number[]]>([
    ['all that is asked for, without limits', [demand(3), demand(200)], {}, [3, 100]],
    ['all that is asked for, within the limits', [demand(3), demand(5)], { pods: 8, gpus: 8 }, [3, 5]],
    ['equal parts of the pods', [demand(50), demand(50)], { pods: 8 }, [4, 4]],
    ['what a modest sweep leaves to the others', [demand(1), demand(50), demand(50)], { pods: 9 }, [1, 4, 4]],
    ['the odd worker to the oldest', [demand(50), demand(50)], { pods: 5 }, [3, 2]],
    ['one worker to the oldest of two', [demand(50), demand(50)], { pods: 1 }, [1, 0]],
    ['equal parts of the GPUs, not of the pods', [demand(50), demand(50, large)], { gpus: 32 }, [16, 2]],
    [
      'pods without GPUs beside the GPUs',
      [demand(50), demand(50, { gpus: { train: 0, evaluate: 0 } })],
      { pods: 20, gpus: 4 },
      [4, 16],
    ],
    ['none where one pod is too much', [demand(5, large)], { gpus: 7 }, [0]],
    ['none where nothing is allowed', [demand(5)], { pods: 0 }, [0]],
    ['no more than its parallelism', [demand(50, { parallelism: 2 }), demand(50)], { pods: 10 }, [2, 8]],
  ])('are %s', (_, demands, limit, expected) => {
    expect(fairShares(demands, limit)).toEqual(expected);
  });

  it('never exceed a limit or a demand, and leave nothing that somebody could use', () => {
    const count = fc.integer({ min: 0, max: 12 });
    const any = fc.record({ train: count, parallelism: fc.integer({ min: 1, max: 12 }), gpus: fc.integer({ min: 0, max: 4 }) });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 5 }), count, count, (wishes, pods, gpus) => {
        const demands = wishes.map((w) => demand(w.train, { parallelism: w.parallelism, gpus: { train: w.gpus, evaluate: 0 } }));
        const shares = fairShares(demands, { pods, gpus });
        const held = shares.reduce((sum, workers) => sum + workers, 0);
        const devices = shares.reduce((sum, workers, i) => sum + workers * wishes[i]!.gpus, 0);
        expect(held).toBeLessThanOrEqual(pods);
        expect(devices).toBeLessThanOrEqual(gpus);
        shares.forEach((workers, i) => {
          const most = demanded(demands[i]!);
          expect(workers).toBeLessThanOrEqual(most);
          if (workers < most) expect(held === pods || devices + wishes[i]!.gpus > gpus).toBe(true);
        });
      }),
    );
  });
});
