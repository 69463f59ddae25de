/** The sweeps whose cell ids are pinned, planned as on any machine: data in files enter by a digest that is made up here. */
import { readFileSync } from 'node:fs';
import type { Cell } from '@ncsweep/catalog/cell';
import type { Lineage } from '@ncsweep/catalog/params';
import type { Sweep } from '@ncsweep/catalog/sweep';
import { planSweep, type Plan } from '@ncsweep/orchestrator/planning/plan/plan';
import { readSweep } from '@ncsweep/orchestrator/planning/spec/read-sweep';

const root = new URL('../../', import.meta.url);
const digestOfData = `dataset[0].digest=${'da'.repeat(32)}`;

const pinned: Readonly<Record<string, { readonly file: string; readonly set: readonly string[] }>> = {
  quickstart: { file: 'sweeps/quickstart.yaml', set: [] },
  'paper-cifar10': { file: 'sweeps/paper/cifar10.yaml', set: [digestOfData] },
  'paper-cifar100': { file: 'sweeps/paper/cifar100.yaml', set: [digestOfData] },
  'paper-imagenette': { file: 'sweeps/paper/imagenette.yaml', set: [digestOfData] },
  'every-part': { file: 'test/golden/every-part.yaml', set: [] },
};

/** Keyed by names of our own. */
export function pinnedSweeps(): ReadonlyMap<string, Sweep> {
  const read = ([name, { file, set }]: [string, (typeof pinned)[string]]) =>
    [name, readSweep({ bytes: readFileSync(new URL(file, root)), file, set }).sweep] as const;
  return new Map(Object.entries(pinned).map(read));
}

const planOf = (sweep: Sweep): Plan => planSweep(sweep, 'wasm', sweep.execution.evaluationBatchSize);

export const allCells = (sweep: Sweep): readonly Cell[] => [...planOf(sweep).cells.values()];

const isTrainedInL2 = ({ recipe }: Lineage): boolean => recipe.kind === 'train' && recipe.attack?.norm === 'l2';
const isAttackedInL2 = (cell: Cell): boolean =>
  cell.kind === 'evaluate' && 'norm' in cell.params.attack && cell.params.attack.norm === 'l2';

/** Cells that one grid requests and that no L2 attack affects. */
export function cellsWithoutL2(sweep: Sweep, gridName: string): readonly Cell[] {
  const plan = planOf({ ...sweep, grids: sweep.grids.filter(({ name }) => name === gridName) });
  const cells: Cell[] = [];
  for (const group of [...plan.trainings, ...plan.evaluations])
    if (!isTrainedInL2(group.lineage)) cells.push(...group.cells.filter((cell) => !isAttackedInL2(cell)));
  return cells;
}
