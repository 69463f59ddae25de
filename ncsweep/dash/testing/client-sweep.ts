/** A sweep as the page holds it, made without a server. */
import type { Plan } from '@ncsweep/orchestrator/planning/plan/plan';
import { ClientSweep } from '../page/client-sweep.ts';
import { Board, ChangeClock } from '../state/board.ts';
import { placeCells } from '../state/layout.ts';
import type { SweepHead } from '../state/wire.ts';
import { packSweep } from '../state/packed.ts';

/** The board and the page's sweep share their arrays: what is set on one is seen in the other. */
export function clientSweep(plan: Plan): { sweep: ClientSweep; ids: readonly string[]; board: Board } {
  const placed = placeCells(plan);
  const board = new Board(placed.ids.length, new ChangeClock());
  const live = { source: { kind: 'watching', checkedAtMs: 0 }, workers: [], recordsLost: 0 } as const;
  const head = {
    name: plan.sweep.name,
    cells: board.size,
    layout: placed.layout,
    version: 0,
    origin: 'o',
    live,
  } as unknown as SweepHead;
  const bytes = packSweep(head, { ...placed, states: board.states, values: board.values });
  const sweep = new ClientSweep(Uint8Array.from(bytes).buffer);
  Object.assign(sweep.columns, { states: board.states, values: board.values });
  return { sweep, ids: placed.ids, board };
}
