/** Finds the objects of a Sweep without looking at those of all others: they are grouped once after each change. */
import { labels } from '../cluster/jobs/pod.ts';

interface Labelled {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
}

export class BySweep<T extends Labelled> {
  readonly #items: () => Iterable<T>;
  #groups: ReadonlyMap<string, readonly T[]> | undefined;

  constructor(items: () => Iterable<T>) {
    this.#items = items;
  }

  /** Reports that an object was added, changed or removed. */
  changed(): void {
    this.#groups = undefined;
  }

  of(uid: string): readonly T[] {
    this.#groups ??= Map.groupBy(this.#items(), ({ metadata }) => metadata?.labels?.[labels.sweep] ?? '');
    return this.#groups.get(uid) ?? [];
  }
}
