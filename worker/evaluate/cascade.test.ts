import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AttackedBatch, Stage } from '../attack/attack-kernel.ts';
import { openTestBackend } from '../testing/test-backend.ts';
import { cascade } from './cascade.ts';
import type { SplitSource } from './split-source.ts';

beforeAll(openTestBackend);

/** A split whose images of one pixel are its indices. */
const sourceOf = (count: number, batchSize: number): SplitSource => ({
  name: 'test',
  split: {
    count,
    labels: Int32Array.from({ length: count }, (_, i) => i % 3),
    pixels: new Float32Array(count),
    images: (indices) => Float32Array.from(indices),
  },
  classes: 3,
  image: [1, 1, 1],
  batchSize,
  seed: 1,
  pulse: () => Promise.resolve(),
});

describe('a cascade of attacks', () => {
  it('tries each on those that stand, in batches of one size, and ends with those that none fells', async () => {
    const felled = fc.array(fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(
        felled,
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 12 }),
        async (falls, batchSize, count) => {
          const source = sourceOf(count, batchSize);
          const tried: Int32Array[][] = falls.map(() => []);
          const stages = falls.map((falling, at): Stage => ({ indices, images }) => {
            tried[at]!.push(indices);
            expect([...images.dataSync()]).toEqual([...indices]);
            return Uint8Array.from(indices, (i) => Number(falling[i]));
          });
          const fallen = new Uint8Array(count);
          await cascade(stages, source, (batch) => batch as unknown as AttackedBatch, fallen);

          let standing = [...fallen.keys()];
          for (const [at, falling] of falls.entries()) {
            const size = Math.min(batchSize, count);
            expect(tried[at]!.every(({ length }) => length === size)).toBe(true);
            expect([...new Set(tried[at]!.flatMap((indices) => [...indices]))]).toEqual(standing);
            expect(tried[at]!.length).toBe(Math.ceil(standing.length / size));
            standing = standing.filter((i) => !falling[i]);
          }
          expect([...fallen.keys()].filter((i) => fallen[i] === 0)).toEqual(standing);
        },
      ),
      { numRuns: 60 },
    );
  });
});
