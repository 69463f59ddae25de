/** Restricts a plan to some of its cells. Pure. */
import type { Cell } from '@ncsweep/catalog/cell';
import type { Plan } from './plan.ts';
import { planDigestOf } from './plan-digest.ts';

/** @returns the plan of these cells and their inputs; cells stay grouped as they were */
export function restrictPlan(plan: Plan, cellIds: Iterable<string>): Plan {
  const wanted = new Set(cellIds);
  // Inputs come before the cells that need them; from the end, each cell has named its inputs before they are visited.
  const cells = [...plan.cells.values()].reverse().filter(({ cellId, inputs }) => {
    if (!wanted.has(cellId)) return false;
    for (const input of inputs) wanted.add(input);
    return true;
  });
  const isWanted = ({ cellId }: Cell): boolean => wanted.has(cellId);
  const trainings = plan.trainings.map((group) => ({ ...group, cells: group.cells.filter(isWanted) }));
  const evaluations = plan.evaluations.map((group) => ({ ...group, cells: group.cells.filter(isWanted) }));
  return {
    ...plan,
    cells: new Map(cells.reverse().map((cell) => [cell.cellId, cell])),
    rowsOf: new Map([...plan.rowsOf].filter(([cellId]) => wanted.has(cellId))),
    cellAt: plan.cellAt.map((cellId) => (cellId !== undefined && wanted.has(cellId) ? cellId : undefined)),
    trainings: trainings.filter((group) => group.cells.length > 0),
    evaluations: evaluations.filter((group) => group.cells.length > 0),
    planDigest: planDigestOf(wanted),
  };
}
