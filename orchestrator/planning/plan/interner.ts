import { canonicalJson } from '@ncsweep/protocol/canonical';

/** Gives equal values the same number, counted from 0, even if they are different objects. */
export class Interner {
  readonly #byIdentity = new Map<unknown, number>();
  readonly #byContent = new Map<string, number>();

  number(value: unknown): number {
    const known = this.#byIdentity.get(value);
    if (known !== undefined) return known;
    const content = canonicalJson(value);
    const number = this.#byContent.get(content) ?? this.#byContent.size;
    this.#byContent.set(content, number);
    this.#byIdentity.set(value, number);
    return number;
  }
}
