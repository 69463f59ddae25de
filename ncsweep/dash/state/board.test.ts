import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Board, ChangeClock } from './board.ts';
import { cellStates, stateByte } from './wire.ts';

const size = 12;
const change = fc.record({
  cell: fc.nat(size - 1),
  state: fc.constantFrom(...cellStates),
  accuracy: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
});

const make = (
  board: Board,
  { cell, state, accuracy }: { cell: number; state: (typeof cellStates)[number]; accuracy: number | undefined },
) => {
  board.set(cell, state);
  if (accuracy !== undefined) board.measure(cell, { accuracy, unknown: 1 });
};

describe('Board', () => {
  it('tells whoever comes with a version all that is new since, in messages of any size, also when told twice', () => {
    fc.assert(
      fc.property(fc.array(change), fc.array(change), fc.integer({ min: 1, max: 5 }), (before, after, most) => {
        const clock = new ChangeClock();
        const board = new Board(size, clock);
        before.forEach((each) => make(board, each));
        const [states, accuracy] = [Uint8Array.from(board.states), Float32Array.from(board.values.accuracy)];
        let version = clock.version;
        after.forEach((each) => make(board, each));
        while (version < clock.version) {
          const changes = board.changesSince(version, most);
          expect(changes.cells.length).toBeLessThanOrEqual(most);
          for (let twice = 0; twice < 2; twice++)
            for (const [i, cell] of changes.cells.entries()) {
              states[cell] = changes.states[i]!;
              const value = changes.values.accuracy?.[i];
              if (value !== undefined && value !== null) accuracy[cell] = value;
            }
          version = changes.to;
        }
        expect(states).toEqual(board.states);
        for (let i = 0; i < size; i++)
          if (!Number.isNaN(board.values.accuracy[i])) expect(accuracy[i]).toBeCloseTo(board.values.accuracy[i]!, 6);
        expect(board.changesSince(clock.version).cells).toEqual([]);
      }),
    );
  });

  it('counts its states', () => {
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        const board = new Board(size, new ChangeClock());
        changes.forEach((each) => make(board, each));
        for (const name of cellStates)
          expect(board.counts[name]).toBe(board.states.filter((byte) => byte === stateByte[name]).length);
      }),
    );
  });

  it('tells nothing when what is set is what was', () => {
    const clock = new ChangeClock();
    const board = new Board(size, clock);
    board.set(3, 'done');
    board.measure(3, { accuracy: 0.1 });
    const { version } = clock;
    board.set(3, 'done');
    board.measure(3, { accuracy: 0.1 });
    expect(clock.version).toBe(version);
  });

  it('refuses a cell that it does not have', () => {
    const board = new Board(size, new ChangeClock());
    for (const cell of [-1, size, 0.5, NaN]) expect(() => board.set(cell, 'done')).toThrow(/cells 0 to 11/);
  });
});
