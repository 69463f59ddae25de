/** Describes a cell in the user's own names. */
import type { Cell } from '@ncsweep/catalog/cell';
import type { Axis } from '@ncsweep/catalog/axes';
import { cellNames } from './cell-names.ts';
import type { Plan } from './plan.ts';

/**
 * @returns a function from a cell of the plan to e.g. "AT seed 2 epoch 80 pgd10 4/255 train"; dataset and architecture come first
 * where the sweep has several
 */
export function cellLabels(plan: Plan): (cell: Cell) => string {
  const { datasets, architectures } = plan.sweep;
  const namesOf = cellNames(plan);
  return (cell) => {
    const names = namesOf(cell);
    const first = (axis: Axis): string => names[axis]?.[0] ?? '?';
    const snapshot = [
      ...(datasets.length > 1 ? [first('dataset')] : []),
      ...(architectures.length > 1 ? [first('architecture')] : []),
      ...[first('training'), `seed ${first('seed')}`, `epoch ${first('epoch')}`],
    ];
    if (cell.kind === 'snapshot') return snapshot.join(' ');
    const budget = cell.params.attack.kind === 'none' ? [] : [first('epsilon')];
    return [...snapshot, first('attack'), ...budget, first('split')].join(' ');
  };
}
