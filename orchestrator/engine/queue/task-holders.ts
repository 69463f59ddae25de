/**
 * Which sweep has a task in the queue when several want it: so equal work is done once, and by another sweep when the first lets go.
 * Kept in memory by the leader. A new leader decides anew: at worst a task runs twice, and its second result is the first one again.
 */
export class TaskClaims {
  readonly #owners = new Map<string, string>();

  /** @param task unique among stores @returns whether the sweep has it now */
  take(task: string, sweep: string): boolean {
    const owner = this.#owners.get(task);
    if (owner === undefined) this.#owners.set(task, sweep);
    return owner === undefined || owner === sweep;
  }

  release(task: string, sweep: string): void {
    if (this.#owners.get(task) === sweep) this.#owners.delete(task);
  }

  /** The sweep is over, suspended or gone. */
  releaseAll(sweep: string): void {
    for (const [task, owner] of this.#owners) if (owner === sweep) this.#owners.delete(task);
  }
}
