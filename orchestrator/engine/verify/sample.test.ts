import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleCells } from './sample.ts';

const cells = fc.uniqueArray(fc.string({ minLength: 1 })).map((ids) => ids.map((cellId) => ({ cellId })));

describe('sampleCells', () => {
  it('draws so many, each once, in the order given', () => {
    fc.assert(
      fc.property(cells, fc.nat(20), fc.nat(), (all, count, seed) => {
        const sample = sampleCells(all, count, seed);
        expect(sample).toHaveLength(Math.min(count, all.length));
        expect(all.filter((cell) => sample.includes(cell))).toEqual(sample);
      }),
    );
  });

  it('draws the same cells with the same seed, in whatever order they come, and a larger sample holds the smaller', () => {
    fc.assert(
      fc.property(cells, fc.nat(20), fc.nat(), (all, count, seed) => {
        const sample = new Set(sampleCells(all, count, seed));
        expect(new Set(sampleCells([...all].reverse(), count, seed))).toEqual(sample);
        expect(sampleCells(all, count + 3, seed)).toEqual(expect.arrayContaining([...sample]));
      }),
    );
  });

  it('draws others with another seed', () => {
    const all = Array.from({ length: 100 }, (_, i) => ({ cellId: `c${i}` }));
    expect(sampleCells(all, 10, 1)).not.toEqual(sampleCells(all, 10, 2));
  });
});
