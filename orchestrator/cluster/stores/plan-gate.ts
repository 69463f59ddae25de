/**
 * Keeps planning and deleting apart in each store: a sweep planned while results are being deleted would count on results that are
 * about to disappear. Many sweeps may be planned at once, or many deleted.
 */
interface Uses {
  planning: number;
  deleting: number;
}

export class PlanGate {
  readonly #uses = new Map<string, Uses>();

  /** Whether a sweep may be planned there now. */
  mayPlan(location: string): boolean {
    return (this.#uses.get(location)?.deleting ?? 0) === 0;
  }

  /** @returns a function that ends it; undefined when results are being deleted there */
  planning(location: string): (() => void) | undefined {
    return this.mayPlan(location) ? this.#use(location, 'planning') : undefined;
  }

  /** @returns a function that ends it; undefined when sweeps are being planned there */
  deleting(location: string): (() => void) | undefined {
    return (this.#uses.get(location)?.planning ?? 0) === 0 ? this.#use(location, 'deleting') : undefined;
  }

  #use(location: string, kind: keyof Uses): () => void {
    const uses = this.#uses.get(location) ?? { planning: 0, deleting: 0 };
    this.#uses.set(location, uses);
    uses[kind] += 1;
    return () => {
      uses[kind] -= 1;
      if (uses.planning + uses.deleting === 0) this.#uses.delete(location);
    };
  }
}
