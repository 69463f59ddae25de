/** Limits the total number of cells of all plans held. Every cell takes memory for as long as its Sweep runs. */
export class CellRoom {
  readonly #most: number;
  readonly #alwaysFits: number;
  readonly #held = new Map<string, number>();

  /** @param alwaysFits a plan of up to this many cells finds room in any case */
  constructor(most: number, alwaysFits: number) {
    this.#most = most;
    this.#alwaysFits = alwaysFits;
  }

  get taken(): number {
    return [...this.#held.values()].reduce((sum, cells) => sum + cells, 0);
  }

  /** @returns why there is no room; undefined if there was: it then replaces what the Sweep held before */
  take(uid: string, cells: number): string | undefined {
    const others = this.taken - (this.#held.get(uid) ?? 0);
    if (cells > this.#alwaysFits && others + cells > this.#most) {
      this.#held.delete(uid);
      return `its ${cells} cells wait for room: the orchestrator holds ${others} cells of other Sweeps, and may hold at most ${this.#most} in all`;
    }
    this.#held.set(uid, cells);
    return undefined;
  }

  release(uid: string): void {
    this.#held.delete(uid);
  }
}
