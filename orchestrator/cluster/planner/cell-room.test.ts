import { expect, it } from 'vitest';
import { CellRoom } from './cell-room.ts';

it('gives room to as many cells as there may be, and says to others what they wait for', () => {
  const room = new CellRoom(100, 5);
  expect(room.take('a', 60)).toBeUndefined();
  expect(room.take('b', 41)).toBe(
    'its 41 cells wait for room: the orchestrator holds 60 cells of other Sweeps, and may hold at most 100 in all',
  );
  expect(room.take('c', 40)).toBeUndefined();
  expect(room.taken).toBe(100);
  room.release('a');
  expect(room.take('b', 41)).toBeUndefined();
});

it('counts a Sweep once, by its latest plan', () => {
  const room = new CellRoom(100, 5);
  room.take('a', 60);
  expect(room.take('a', 90)).toBeUndefined();
  expect(room.taken).toBe(90);
});

it('never lets a small Sweep wait', () => {
  const room = new CellRoom(100, 5);
  room.take('a', 100);
  expect(room.take('b', 6)).toMatch(/wait for room/);
  expect(room.take('b', 5)).toBeUndefined();
});
