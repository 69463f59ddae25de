/** Detects lost messages by their numbers: each source counts without gaps, so a lost message leaves one. */
export class SequenceGaps {
  readonly #last = new Map<string, number>();
  readonly #first: number | undefined;

  /** @param first number of a source's first message; undefined accepts any number */
  constructor(first?: number) {
    this.#first = first;
  }

  /**
   * @param source such as an attempt, or a stream
   * @returns how many messages were lost before this one; also 0 for a repeated message, and where counting restarted
   */
  see(source: string, sequence: number): number {
    const expected = (this.#last.get(source) ?? (this.#first === undefined ? sequence - 1 : this.#first - 1)) + 1;
    this.#last.set(source, sequence);
    return Math.max(0, sequence - expected);
  }

  /** The reader joins a source midway: its earlier messages do not count as lost. */
  begin(source: string, sequence: number): void {
    this.#last.set(source, sequence);
  }

  /** The source sends nothing more. */
  forget(source: string): void {
    this.#last.delete(source);
  }
}
