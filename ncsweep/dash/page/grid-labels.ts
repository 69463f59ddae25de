/** The labels of the table's rows and columns: what differs, the most general first. Pure. */
import type { ClientSweep } from './client-sweep.ts';
import type { GridLabels } from './grid-painter.ts';

/** Rows and columns in groups: rows of one training, columns of one attack and split. */
export interface GridGroups {
  readonly labels: GridLabels;
  readonly rowGroups: readonly number[];
  readonly columnGroups: readonly number[];
  readonly splits: readonly number[];
}

export function gridGroups({ head, varying, rowCount, columnCount }: ClientSweep): GridGroups {
  const { names, rows, columns } = head.layout;
  const plain = (axis: keyof typeof names, number: number | undefined): string => names[axis][number ?? 0]?.[0] ?? '';
  const places = (['dataset', 'architecture'] as const).filter((axis) => varying.includes(axis));
  const range = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);
  const rowGroupNames = range(rowCount).map((row) =>
    [...places, 'training' as const].map((axis) => plain(axis, rows[axis][row])).join(' · '),
  );
  const hasEpochs = varying.includes('epoch');
  const rowNames = range(rowCount).map((row) => {
    const seed = plain('seed', rows.seed[row]);
    return hasEpochs ? `${seed} · ${plain('epoch', rows.epoch[row])}` : seed;
  });
  const columnGroupNames = range(columnCount).map((column) => (column === 0 ? '' : plain('attack', columns.attack[column])));
  const splitNames = range(columnCount).map((column) => (column === 0 ? '' : plain('split', columns.split[column])));
  const columnNames = range(columnCount).map((column) =>
    column === 0 ? 'net' : plain('epsilon', columns.epsilon[column]).replace(/\/255$/, ''),
  );
  return {
    labels: {
      rowTitle: hasEpochs ? 'seed · epoch' : 'seed',
      rowGroups: rowGroupNames,
      rows: rowNames,
      splits: splitNames,
      columnGroups: columnGroupNames,
      columns: columnNames,
    },
    rowGroups: numbered(rowGroupNames),
    columnGroups: numbered(columnGroupNames.map((name, column) => `${name} ${splitNames[column]}`)),
    splits: numbered(splitNames),
  };
}

/** Equal neighbours get equal numbers. */
function numbered(names: readonly string[]): readonly number[] {
  let group = 0;
  return names.map((name, i) => (i > 0 && name !== names[i - 1] ? (group += 1) : group));
}
