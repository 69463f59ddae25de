/** Puts the cells of a plan into a table: a row for each snapshot, a column for each evaluation that any snapshot has. Pure. */
import type { EvaluateCell, SnapshotCell } from '@ncsweep/catalog/cell';
import type { EvaluateParams } from '@ncsweep/catalog/params';
import { cellNames, type CellNames } from '@ncsweep/orchestrator/planning/plan/cell-names';
import type { Plan } from '@ncsweep/orchestrator/planning/plan/plan';
import { parseRational, toNumber } from '@ncsweep/protocol/rational';
import { columnAxes, rowAxes, type Layout, type LayoutAxis } from './wire.ts';

export interface PlacedCells {
  readonly layout: Layout;
  /** Ids by number of the cell: in the order of the table, row by row. */
  readonly ids: readonly string[];
  /** By number of the cell. */
  readonly rowOf: Uint32Array;
  readonly columnOf: Uint16Array;
}

/** Values of an axis, numbered as they are met. */
class AxisNames {
  readonly #numbers = new Map<string, number>();
  readonly names: (readonly string[])[] = [];

  numberOf(names: readonly string[] = ['?']): number {
    const [plain = '?'] = names;
    const known = this.#numbers.get(plain);
    if (known !== undefined) return known;
    this.#numbers.set(plain, this.names.length);
    return this.names.push(names) - 1;
  }
}

type Numbers = Readonly<Partial<Record<LayoutAxis, number>>>;

interface Column {
  readonly numbers: Numbers;
  readonly budget: number;
}

const sizeOf = (epsilon: string): number => toNumber(parseRational(epsilon) ?? { num: 0n, den: 1n });

const byAxis = <A extends LayoutAxis, T>(axes: readonly A[], of: (axis: A) => T): Record<A, T> =>
  Object.fromEntries(axes.map((axis) => [axis, of(axis)])) as Record<A, T>;

/** Collects rows and columns in the order of the plan. */
class Table {
  readonly axes = byAxis([...rowAxes, ...columnAxes], () => new AxisNames());
  readonly rows = new Map<SnapshotCell, Numbers>();
  readonly columns: Column[] = [];
  readonly #columnOf = new Map<EvaluateParams, number>();
  readonly #byNames = new Map<string, number>();
  readonly #namesOf: (cell: SnapshotCell | EvaluateCell) => CellNames;

  constructor(plan: Plan) {
    this.#namesOf = cellNames(plan);
    // Values keep the order in which the sweep lists them.
    for (const { name } of plan.sweep.trainings) this.axes.training.numberOf([name]);
    this.axes.split.numberOf(['train']);
    this.axes.attack.numberOf(['clean', 'none']);
    for (const { cells } of plan.trainings) for (const cell of cells) this.rows.set(cell, this.#numbers(cell, rowAxes));
  }

  #numbers(cell: SnapshotCell | EvaluateCell, axes: readonly LayoutAxis[]): Numbers {
    const names = this.#namesOf(cell);
    return Object.fromEntries(axes.map((axis) => [axis, this.axes[axis].numberOf(names[axis])]));
  }

  /** Number of the column of an evaluation, before the columns are sorted. Equal parameters are mostly one object. */
  columnOf(cell: EvaluateCell): number {
    const { params } = cell;
    const known = this.#columnOf.get(params);
    if (known !== undefined) return known;
    const numbers = this.#numbers(cell, columnAxes);
    const key = columnAxes.map((axis) => numbers[axis]).join();
    const column = this.#byNames.get(key) ?? this.columns.push({ numbers, budget: sizeOf(params.epsilon) }) - 1;
    this.#byNames.set(key, column);
    this.#columnOf.set(params, column);
    return column;
  }
}

const seedOf = (names: readonly (readonly string[])[], number: number | undefined): number => Number(names[number ?? 0]?.[0]);

/** Rows by the sweep's order of names, then seed and epoch by size. */
function sortedRows({ rows, axes }: Table): [SnapshotCell, Numbers][] {
  const sizes = (n: Numbers): readonly number[] => [
    n.dataset ?? 0,
    n.architecture ?? 0,
    n.training ?? 0,
    seedOf(axes.seed.names, n.seed),
    seedOf(axes.epoch.names, n.epoch),
  ];
  return sortedBy([...rows], ([, numbers]) => sizes(numbers));
}

function sortedBy<T>(items: readonly T[], sizes: (item: T) => readonly number[]): T[] {
  const keyed = items.map((item) => ({ item, key: sizes(item) }));
  keyed.sort((a, b) => a.key.map((x, i) => x - b.key[i]!).find((difference) => difference !== 0) ?? 0);
  return keyed.map(({ item }) => item);
}

interface Cells {
  readonly id: string;
  readonly row: number;
  readonly column: number;
}

export function placeCells(plan: Plan): PlacedCells {
  const table = new Table(plan);
  const rows = sortedRows(table);
  const rowNumbers = new Map(rows.map(([cell], row) => [cell.cellId, row]));
  const cells: Cells[] = rows.map(([cell], row) => ({ id: cell.cellId, row, column: -1 }));
  for (const group of plan.evaluations) {
    const row = rowNumbers.get(group.snapshot.cellId);
    if (row !== undefined) for (const cell of group.cells) cells.push({ id: cell.cellId, row, column: table.columnOf(cell) });
  }
  const order = sortedBy([...table.columns.keys()], (i) => {
    const { numbers, budget } = table.columns[i]!;
    return [numbers.split ?? 0, numbers.attack ?? 0, budget];
  });
  const place = new Map(order.map((old, i) => [old, i + 1]));
  const columnOf = (old: number): number => place.get(old) ?? 0;
  cells.sort((a, b) => a.row - b.row || columnOf(a.column) - columnOf(b.column));
  const layout: Layout = {
    names: byAxis([...rowAxes, ...columnAxes], (axis) => table.axes[axis].names),
    rows: byAxis(rowAxes, (axis) => rows.map(([, numbers]) => numbers[axis] ?? 0)),
    columns: byAxis(columnAxes, (axis) => [-1, ...order.map((i) => table.columns[i]!.numbers[axis] ?? 0)]),
  };
  return {
    layout,
    ids: cells.map(({ id }) => id),
    rowOf: Uint32Array.from(cells, ({ row }) => row),
    columnOf: Uint16Array.from(cells, ({ column }) => columnOf(column)),
  };
}
