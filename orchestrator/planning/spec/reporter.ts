/** Collects problems located below a path. */
import { foundText, type Problem, type SpecPath } from './problem.ts';
import { Remainder } from './remainder.ts';

export class Reporter {
  readonly #problems: Problem[];
  readonly #path: SpecPath;
  readonly #remainder: Remainder;

  /** @param remainder what is checked, if that is not the whole document */
  constructor(problems: Problem[], path: SpecPath, remainder = new Remainder(undefined, [])) {
    this.#problems = problems;
    this.#path = path;
    this.#remainder = remainder;
  }

  at(...parts: SpecPath): Reporter {
    return new Reporter(this.#problems, [...this.#path, ...parts], this.#remainder);
  }

  /** Where this is in the document. */
  get place(): SpecPath {
    return this.#remainder.placeOf(this.#path);
  }

  /** Whether nothing at or below this place was refused before. */
  get isWhole(): boolean {
    return this.#remainder.isWhole(this.#path);
  }

  /** Whether the list at this place lost no entry. */
  get hasAll(): boolean {
    return this.#remainder.hasAll(this.#path);
  }

  /** The value here is wrong. */
  refuse(found: unknown, expected: string, remedy: string): void {
    this.#problems.push({ path: this.place, found: foundText(found), expected, remedy });
  }

  /** Refuses those fields of `entry` that mean nothing here. */
  refuseFields(entry: object, fields: readonly string[], why: string): void {
    for (const field of fields) {
      const value = (entry as Record<string, unknown>)[field];
      if (value === undefined) continue;
      const { place: path } = this.at(field);
      this.#problems.push({
        path,
        atKey: true,
        found: `${field}: ${foundText(value)}`,
        expected: why,
        remedy: `remove ${field}`,
      });
    }
  }
}
