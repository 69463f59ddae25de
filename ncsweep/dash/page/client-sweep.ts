/** A sweep as the page holds it: its table, the state and numbers of its cells, and what was told last. */
import { unpackSweep, type SweepColumns } from '../state/packed.ts';
import {
  cellStates,
  columnAxes,
  headlines,
  rowAxes,
  type CellStateName,
  type Changes,
  type Headline,
  type LayoutAxis,
  type LiveFacts,
  type SweepHead,
} from '../state/wire.ts';

export class ClientSweep {
  readonly head: SweepHead;
  readonly columns: SweepColumns;
  /** First cell of each row, and the number of cells at the end: cells stand row by row. */
  readonly rowStart: Uint32Array;
  readonly rowCount: number;
  readonly columnCount: number;
  /** Axes on which rows, and columns, differ. */
  readonly varying: readonly LayoutAxis[];
  live: LiveFacts;
  version: number;

  constructor(buffer: ArrayBuffer) {
    const { head, ...columns } = unpackSweep(buffer);
    this.head = head;
    this.columns = columns;
    this.live = head.live;
    this.version = head.version;
    const { rows, columns: across } = head.layout;
    this.rowCount = rows.seed.length;
    this.columnCount = across.split.length;
    this.rowStart = new Uint32Array(this.rowCount + 1).fill(head.cells);
    for (let cell = head.cells - 1; cell >= 0; cell--) this.rowStart[columns.rowOf[cell]!] = cell;
    for (let row = this.rowCount - 1; row >= 0; row--)
      this.rowStart[row] = Math.min(this.rowStart[row]!, this.rowStart[row + 1]!);
    this.varying = [
      ...rowAxes.filter((axis) => new Set(rows[axis]).size > 1),
      ...columnAxes.filter((axis) => new Set(across[axis].slice(1)).size > 1),
    ];
  }

  /** Takes changes in. @returns false when some before them are missing, so that everything must be read anew */
  apply({ from, to, cells, states, values, live }: Changes): boolean {
    if (from > this.version) return false;
    this.live = live;
    if (to <= this.version) return true;
    for (const [i, cell] of cells.entries()) {
      this.columns.states[cell] = states[i]!;
      for (const name of headlines) {
        const column = values[name];
        if (column !== undefined) this.columns.values[name][cell] = column[i] ?? NaN;
      }
    }
    this.version = to;
    return true;
  }

  /** Nothing changed up to this version. */
  passOver(version: number): void {
    this.version = Math.max(this.version, version);
  }

  state(cell: number): CellStateName {
    return cellStates[this.columns.states[cell]!] ?? 'waiting';
  }

  value(cell: number, name: Headline): number {
    return this.columns.values[name][cell]!;
  }

  /** The cell at a place of the table; undefined where the sweep asks for none. */
  cellAt(row: number, column: number): number | undefined {
    for (let cell = this.rowStart[row] ?? 0; cell < (this.rowStart[row + 1] ?? 0); cell++)
      if (this.columns.columnOf[cell] === column) return cell;
    return undefined;
  }

  isWeights(cell: number): boolean {
    return this.columns.columnOf[cell] === 0;
  }

  /** All names by which the value of an axis may be meant; none where the cell has no such axis. */
  namesOf(cell: number, axis: LayoutAxis): readonly string[] {
    const { layout } = this.head;
    const row = this.columns.rowOf[cell]!;
    const column = this.columns.columnOf[cell]!;
    const number =
      axis === 'split' || axis === 'attack' || axis === 'epsilon' ? layout.columns[axis][column]! : layout.rows[axis][row]!;
    return layout.names[axis][number] ?? [];
  }

  nameOf(cell: number, axis: LayoutAxis): string {
    return this.namesOf(cell, axis)[0] ?? '';
  }

  isClean(cell: number): boolean {
    return this.namesOf(cell, 'attack').includes('none');
  }

  /** "robust seed 2 epoch 60", then "pgd10 8/255 test" or "weights". */
  label(cell: number): readonly [string, string] {
    const names = (axis: LayoutAxis): string => this.nameOf(cell, axis);
    const places = (['dataset', 'architecture'] as const).filter((axis) => this.varying.includes(axis)).map(names);
    const row = [...places, names('training'), `seed ${names('seed')}`, `epoch ${names('epoch')}`].join(' ');
    if (this.isWeights(cell)) return [row, 'weights'];
    const attack = this.isClean(cell) ? 'clean' : `${names('attack')} ${names('epsilon')}`;
    return [row, `${attack} ${names('split')}`];
  }

  /** Headline scalars that any cell has. */
  measured(): readonly Headline[] {
    return headlines.filter((name) => this.columns.values[name].some((value) => Number.isFinite(value)));
  }

  counts(): Record<CellStateName, number> {
    const counts = { waiting: 0, running: 0, done: 0, parked: 0, blocked: 0 };
    for (const byte of this.columns.states) counts[cellStates[byte] ?? 'waiting'] += 1;
    return counts;
  }
}
