/** A document without the values that were refused, so that everything else can still be checked. */
import { pathText, type SpecPath } from './problem.ts';

const nothing = Symbol('nothing');

export class Remainder {
  /** What is left. A list that lost all its entries is left out itself. */
  readonly data: unknown;
  readonly #refused: ReadonlySet<string>;
  /** Every place at or above something refused. */
  readonly #touched = new Set<string>();
  /** For each list that lost entries: the places that the others had. */
  readonly #kept = new Map<string, readonly number[]>();

  /** @param refused places of values that must not be used; what is absent counts too, because nobody knows what it would be */
  constructor(document: unknown, refused: readonly SpecPath[]) {
    this.#refused = new Set(refused.map(pathText));
    for (const path of refused)
      for (let depth = path.length; depth >= 0; depth -= 1) this.#touched.add(pathText(path.slice(0, depth)));
    const left = this.#without(document, []);
    this.data = left === nothing ? undefined : left;
  }

  /** Where the document has what the remainder has at `path`. */
  placeOf(path: SpecPath): SpecPath {
    const place: (string | number)[] = [];
    for (const part of path) place.push(typeof part === 'number' ? (this.#kept.get(pathText(place))?.[part] ?? part) : part);
    return place;
  }

  /** Whether nothing was refused at or below the place; else what is read there may not be what was meant. */
  isWhole(path: SpecPath): boolean {
    return !this.#touched.has(pathText(this.placeOf(path)));
  }

  /** Whether the list there has all of its entries, each perhaps without some field. */
  hasAll(path: SpecPath): boolean {
    const place = pathText(this.placeOf(path));
    return !this.#refused.has(place) && !this.#kept.has(place);
  }

  #without(value: unknown, path: SpecPath): unknown {
    const place = pathText(path);
    if (this.#refused.has(place)) return nothing;
    if (typeof value !== 'object' || value === null || !this.#touched.has(place)) return value;
    if (!Array.isArray(value)) {
      const fields = Object.entries(value).map(([field, inner]) => [field, this.#without(inner, [...path, field])] as const);
      return Object.fromEntries(fields.filter(([, inner]) => inner !== nothing));
    }
    const entries = value.map((inner, i) => [i, this.#without(inner, [...path, i])] as const);
    const left = entries.filter(([, inner]) => inner !== nothing);
    if (left.length === entries.length) return left.map(([, inner]) => inner);
    this.#kept.set(
      place,
      left.map(([i]) => i),
    );
    return left.length === 0 ? nothing : left.map(([, inner]) => inner);
  }
}
