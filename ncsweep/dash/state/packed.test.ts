import { exampleSweep } from '@ncsweep/catalog/testing/example-sweep';
import { planSweep } from '@ncsweep/orchestrator/planning/plan/plan';
import { expect, it } from 'vitest';
import { Board, ChangeClock } from './board.ts';
import { placeCells } from './layout.ts';
import { packSweep, unpackSweep } from './packed.ts';
import type { SweepHead } from './wire.ts';

it.each(['x', 'xy', 'xyz', 'wxyz', 'α·β'])('comes back as it was, whatever the length of its header (%s)', (name) => {
  const placed = placeCells(planSweep({ ...exampleSweep, seeds: [1] }, 'wasm', 100));
  const board = new Board(placed.ids.length, new ChangeClock());
  board.set(2, 'done');
  board.measure(2, { accuracy: 0.25 });
  const head = { name, cells: board.size, layout: placed.layout } as SweepHead;
  const bytes = packSweep(head, { ...placed, states: board.states, values: board.values });
  const found = unpackSweep(Uint8Array.from(bytes).buffer);
  expect(found).toEqual({ head, rowOf: placed.rowOf, columnOf: placed.columnOf, states: board.states, values: board.values });
});
