/**
 * Which sweep holds a task, when several want it: the holder has it in its queue, the others wait for its result. So equal work is done
 * once, and by another sweep when the first lets go. Kept in memory by the leader. A new leader decides anew: at worst a task runs twice,
 * and its second result equals the first.
 */
export class TaskHolders {
  readonly #holders = new Map<string, string>();

  /** @param task unique among stores @returns whether the sweep holds it now */
  hold(task: string, sweep: string): boolean {
    const holder = this.#holders.get(task);
    if (holder === undefined) this.#holders.set(task, sweep);
    return holder === undefined || holder === sweep;
  }

  release(task: string, sweep: string): void {
    if (this.#holders.get(task) === sweep) this.#holders.delete(task);
  }

  /** The sweep is over, suspended or gone. */
  releaseAll(sweep: string): void {
    for (const [task, holder] of this.#holders) if (holder === sweep) this.#holders.delete(task);
  }
}
