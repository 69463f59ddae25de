import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stateByte } from '../state/wire.ts';
import { blocksOf, fittingSize, groupSpans, indexAt, trackOf } from './grid-geometry.ts';

const groupings = fc
  .array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 30 })
  .map((sizes) => sizes.flatMap((n, group) => Array<number>(n).fill(group)));

describe('the table', () => {
  it('finds each row where it was put', () => {
    fc.assert(
      fc.property(groupings, fc.double({ min: 0.1, max: 30, noNaN: true }), (groups, size) => {
        const track = trackOf(groups, size);
        for (const row of groups.keys()) expect(indexAt(track, track.starts[row]! + size / 2)).toBe(row);
        expect(indexAt(track, -1)).toBe(-1);
        expect(indexAt(track, track.starts.at(-1)! + 1)).toBe(-1);
      }),
    );
  });

  it('fits into the room that it is given, unless cells would be too small for gaps', () => {
    fc.assert(
      fc.property(groupings, fc.integer({ min: 200, max: 2000 }), (groups, room) => {
        const size = fittingSize(groups, room, 40);
        expect(size).toBeLessThanOrEqual(40);
        if (size > 5 || room / groups.length < 5) expect(trackOf(groups, size).starts.at(-1)).toBeLessThanOrEqual(room + 0.1);
      }),
    );
  });

  it('names groups by their first and last', () => {
    expect(groupSpans([0, 0, 1, 2, 2])).toEqual([
      { group: 0, from: 0, to: 2 },
      { group: 1, from: 2, to: 3 },
      { group: 2, from: 3, to: 5 },
    ]);
  });
});

describe('blocks of cells', () => {
  const cells = {
    rowOf: Uint32Array.of(0, 0, 1, 1, 2),
    columnOf: Uint16Array.of(0, 1, 0, 1, 3),
    states: Uint8Array.of(stateByte.done, stateByte.done, stateByte.parked, stateByte.waiting, stateByte.running),
    values: Float32Array.of(0.2, 0.4, NaN, NaN, NaN),
  };

  it('show the one that failed, and the mean of those that have a number', () => {
    const { width, height, states, means } = blocksOf(cells, [3, 4], [2, 2]);
    expect([width, height]).toEqual([2, 2]);
    expect([...states]).toEqual([stateByte.parked, 255, 255, stateByte.running]);
    expect(means[0]).toBeCloseTo(0.3, 6);
    expect(means[3]).toBeNaN();
  });

  it('of one cell are the cells', () => {
    const { states } = blocksOf(cells, [3, 4], [1, 1]);
    for (const [i, state] of cells.states.entries()) expect(states[4 * cells.rowOf[i]! + cells.columnOf[i]!]).toBe(state);
    expect(states.filter((state) => state === 255)).toHaveLength(7);
  });
});
