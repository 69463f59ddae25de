/** Collects problems located below a path. */
import { foundText, type Problem, type SpecPath } from './problem.ts';

export class Reporter {
  readonly #problems: Problem[];
  readonly #path: SpecPath;

  constructor(problems: Problem[], path: SpecPath) {
    this.#problems = problems;
    this.#path = path;
  }

  at(...parts: SpecPath): Reporter {
    return new Reporter(this.#problems, [...this.#path, ...parts]);
  }

  /** The value here is wrong. */
  refuse(found: unknown, expected: string, remedy: string): void {
    this.#problems.push({ path: this.#path, found: foundText(found), expected, remedy });
  }

  /** Refuses those fields of `entry` that mean nothing here. */
  refuseFields(entry: object, fields: readonly string[], why: string): void {
    for (const field of fields) {
      const value = (entry as Record<string, unknown>)[field];
      if (value === undefined) continue;
      const path = [...this.#path, field];
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
