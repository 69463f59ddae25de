/**
 * The ids that golden files pin. An id is where a result lies in a store, so that a changed one means a computation that is done again.
 * `linf-ids.json` has them grid by grid, without what an L2 attack has touched; `all-ids.json` has each sweep as a whole.
 */
import { sha256 } from '@ncsweep/protocol/canonical';
import type { Cell } from '@ncsweep/catalog/cell';
import { allCells, cellsWithoutL2, pinnedSweeps } from './sweeps.ts';

interface PinnedIds {
  readonly count: number;
  /** Of the sorted ids, one a line. */
  readonly sha256: string;
  /** In the plan's order: tells whether one id changed or only their choice. */
  readonly first: string;
}

type ByKind = Readonly<Partial<Record<Cell['kind'], PinnedIds>>>;

function pin(cells: readonly Cell[]): ByKind {
  const byKind = Map.groupBy(cells, ({ kind }) => kind);
  const ofKind = ([kind, some]: [Cell['kind'], Cell[]]) => {
    const ids = some.map(({ cellId }) => cellId);
    return [kind, { count: ids.length, sha256: sha256(ids.toSorted().join('\n')), first: ids[0]! }] as const;
  };
  return Object.fromEntries([...byKind].map(ofKind));
}

/** By sweep. */
export const allIds = (): Readonly<Record<string, ByKind>> =>
  Object.fromEntries([...pinnedSweeps()].map(([name, sweep]) => [name, pin(allCells(sweep))]));

/** By sweep and grid. */
export const linfIds = (): Readonly<Record<string, Readonly<Record<string, ByKind>>>> =>
  Object.fromEntries(
    [...pinnedSweeps()].map(([name, sweep]) => [
      name,
      Object.fromEntries(sweep.grids.map((grid) => [grid.name, pin(cellsWithoutL2(sweep, grid.name))])),
    ]),
  );

export const goldenText = (ids: unknown): string => `${JSON.stringify(ids, null, 2)}\n`;
