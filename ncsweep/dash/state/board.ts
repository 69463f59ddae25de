/**
 * The state of a sweep's cells: a byte and a few float32 numbers each. Every change gets the next number of a clock that all boards of a
 * server share, so one number names what a page has seen of all of them, and `changesSince` finds the rest without a history.
 */
import { cellStates, headlines, stateByte, type CellStateName, type Changes, type Counts, type Headline } from './wire.ts';

/** Counts changes. */
export class ChangeClock {
  #version = 0;

  get version(): number {
    return this.#version;
  }

  tick(): number {
    this.#version += 1;
    return this.#version;
  }
}

export class Board {
  readonly size: number;
  readonly states: Uint8Array;
  readonly values: Readonly<Record<Headline, Float32Array>>;
  readonly #clock: ChangeClock;
  /** By cell, the number of its last change. */
  readonly #changed: Float64Array;
  readonly #counts = new Uint32Array(cellStates.length);
  #last = 0;

  constructor(size: number, clock: ChangeClock) {
    this.size = size;
    this.#clock = clock;
    this.states = new Uint8Array(size);
    this.values = Object.fromEntries(headlines.map((name) => [name, new Float32Array(size).fill(NaN)])) as Record<
      Headline,
      Float32Array
    >;
    this.#changed = new Float64Array(size);
    this.#counts[stateByte.waiting] = size;
  }

  /** Number of the last change of any cell. */
  get last(): number {
    return this.#last;
  }

  get counts(): Counts {
    return Object.fromEntries(cellStates.map((name, byte) => [name, this.#counts[byte]])) as Counts;
  }

  stateOf(cell: number): CellStateName {
    return cellStates[this.states[cell] ?? 0] ?? 'waiting';
  }

  /** @throws RangeError for a cell that the board does not have */
  set(cell: number, state: CellStateName): void {
    this.#assertHas(cell);
    const byte = stateByte[state];
    const before = this.states[cell]!;
    if (before === byte) return;
    this.#counts[before]! -= 1;
    this.#counts[byte]! += 1;
    this.states[cell] = byte;
    this.#touch(cell);
  }

  /** Names that are no headline are left out. @throws RangeError for a cell that the board does not have */
  measure(cell: number, scalars: Readonly<Record<string, number>>): void {
    this.#assertHas(cell);
    for (const name of headlines) {
      const value = scalars[name];
      if (value === undefined || Object.is(this.values[name][cell], Math.fround(value))) continue;
      this.values[name][cell] = value;
      this.#touch(cell);
    }
  }

  /** The cells that changed after the version, as they are now. @param most of one message; the rest is in the next */
  changesSince(version: number, most = 50_000): Pick<Changes, 'from' | 'to' | 'cells' | 'states' | 'values'> {
    const now = this.#clock.version;
    const all: number[] = [];
    if (this.#last > version) for (let i = 0; i < this.size; i++) if (this.#changed[i]! > version) all.push(i);
    const cells = all.length > most ? all.sort((a, b) => this.#changed[a]! - this.#changed[b]!).slice(0, most) : all;
    const to = cells.length < all.length ? this.#changed[cells.at(-1)!]! : now;
    const values = headlines
      .map((name) => [name, cells.map((i) => numberOrNull(this.values[name][i]!))] as const)
      .filter(([, column]) => column.some((value) => value !== null));
    return { from: version, to, cells, states: cells.map((i) => this.states[i]!), values: Object.fromEntries(values) };
  }

  #assertHas(cell: number): void {
    if (!(Number.isInteger(cell) && cell >= 0 && cell < this.size))
      throw new RangeError(`cell ${cell}: the board has cells 0 to ${this.size - 1}`);
  }

  #touch(cell: number): void {
    this.#last = this.#clock.tick();
    this.#changed[cell] = this.#last;
  }
}

/** JSON has no NaN and no infinity. The digits are those of a float32. */
const numberOrNull = (value: number): number | null => (Number.isFinite(value) ? Number(value.toPrecision(7)) : null);
