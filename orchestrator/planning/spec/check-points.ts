/** Finds grids that would compute nothing, with the filter that leaves them empty, and those that are too large to plan. */
import type { Grid, Sweep } from '@ncsweep/catalog/sweep';
import { leastCells, mostCells } from '../plan/cell-bound.ts';
import { trials } from '../plan/trials.ts';
import type { Reporter } from './reporter.ts';

const hasPoints = (sweep: Sweep, grid: Grid): boolean => trials({ ...sweep, grids: [grid] }).next().done !== true;

/** Refuses each grid without a point, and each that alone has more cells than a sweep may have. @param report at the grids of the sweep */
export function checkPoints(sweep: Sweep, report: Reporter): void {
  sweep.grids.forEach((grid, i) => {
    const cells = leastCells(sweep, grid);
    if (cells > mostCells)
      report
        .at(i)
        .refuse(
          `${cells} cells`,
          `at most ${mostCells} cells per sweep`,
          'split it by seed or architecture: equal work is shared',
        );
    if (hasPoints(sweep, grid)) return;
    const { only, exclude } = grid;
    const expected = (filter: string): string => `a grid that keeps a point: ${filter}`;
    const at = report.at(i);
    if (exclude.length > 0 && hasPoints(sweep, { ...grid, exclude: [] }))
      at.at('exclude').refuse(exclude, expected('exclude drops all'), 'drop less, or remove the grid');
    else if (only.length > 0 && hasPoints(sweep, { ...grid, only: [] }))
      at.at('only').refuse(only, expected('only keeps none'), 'keep more, or remove the grid');
    else if (only.length > 0 && hasPoints(sweep, { ...grid, only: [], exclude: [] }))
      at.at('only').refuse(only, expected('exclude drops all that only keeps'), 'keep more, drop less, or remove the grid');
    else at.at('epoch').refuse(grid.epochs, expected('no training reaches one of its epochs'), 'write last');
  });
}
