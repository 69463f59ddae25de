/** A clock that jumps from one planned action to the next: a binary heap by time, equal times in the order of planning. */
interface Planned {
  readonly atMs: number;
  readonly order: number;
  readonly action: () => void;
}

const isBefore = (a: Planned, b: Planned): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

export class VirtualTime {
  readonly #heap: Planned[] = [];
  #nowMs = 0;
  #order = 0;

  get nowMs(): number {
    return this.#nowMs;
  }

  after(ms: number, action: () => void): void {
    const planned = { atMs: this.#nowMs + ms, order: this.#order++, action };
    let at = this.#heap.push(planned) - 1;
    for (let parent = (at - 1) >>> 1; at > 0 && isBefore(planned, this.#heap[parent]!); parent = (at - 1) >>> 1) {
      this.#heap[at] = this.#heap[parent]!;
      at = parent;
    }
    this.#heap[at] = planned;
  }

  /** Acts whatever is due until then, what that plans included. */
  runTo(ms: number): void {
    for (let first = this.#heap[0]; first !== undefined && first.atMs <= ms; first = this.#heap[0]) {
      this.#removeFirst();
      this.#nowMs = first.atMs;
      first.action();
    }
    this.#nowMs = ms;
  }

  #removeFirst(): void {
    const last = this.#heap.pop()!;
    const { length } = this.#heap;
    if (length === 0) return;
    let at = 0;
    for (let child = 1; child < length; child = 2 * at + 1) {
      if (child + 1 < length && isBefore(this.#heap[child + 1]!, this.#heap[child]!)) child += 1;
      if (!isBefore(this.#heap[child]!, last)) break;
      this.#heap[at] = this.#heap[child]!;
      at = child;
    }
    this.#heap[at] = last;
  }
}
