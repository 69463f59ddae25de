/** The objects of each Sweep, without a look at those of all others: grouped once after a change. */
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

  /** An object came, changed or went. */
  changed(): void {
    this.#groups = undefined;
  }

  of(uid: string): readonly T[] {
    this.#groups ??= Map.groupBy(this.#items(), ({ metadata }) => metadata?.labels?.[labels.sweep] ?? '');
    return this.#groups.get(uid) ?? [];
  }
}
