/** Finds what is missing in numbered messages: each source counts without gaps, and a message that was lost leaves one. */
export class SequenceGaps {
  readonly #last = new Map<string, number>();
  readonly #first: number | undefined;

  /** @param first number of a source's first message; undefined: whatever comes first */
  constructor(first?: number) {
    this.#first = first;
  }

  /**
   * @param source such as an attempt, or a stream
   * @returns how many messages were lost before this one; 0 also for one that comes again, and where counting began anew
   */
  see(source: string, sequence: number): number {
    const expected = (this.#last.get(source) ?? (this.#first === undefined ? sequence - 1 : this.#first - 1)) + 1;
    this.#last.set(source, sequence);
    return Math.max(0, sequence - expected);
  }

  /** The reader comes to a source that goes on: what it said before this is not missing. */
  begin(source: string, sequence: number): void {
    this.#last.set(source, sequence);
  }

  /** Nothing more comes from it. */
  forget(source: string): void {
    this.#last.delete(source);
  }
}
