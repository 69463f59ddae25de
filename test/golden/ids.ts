/**
 * The ids that golden files pin. An id says where a result lies in a store, so a changed id means a computation that is repeated.
 * `linf-ids.json` has the ids grid by grid, without those that an L2 attack affects; `all-ids.json` has each sweep as a whole.
 */
import { sha256 } from '@ncsweep/protocol/canonical';
import type { Cell } from '@ncsweep/catalog/cell';
import { allCells, cellsWithoutL2, pinnedSweeps } from './sweeps.ts';

interface PinnedIds {
  readonly count: number;
  /** Of the sorted ids, one per line. */
  readonly sha256: string;
  /** In the plan's order: shows whether an id changed, or only the selection of cells. */
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
