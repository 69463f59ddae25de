/**
 * Which sweep holds a task, when several want it: the holder has it in its queue, the others wait for its result, so that equal work is done
 * once. Kept in memory by the leader. A new leader decides anew: at worst a task runs twice, and its second result equals the first.
 *
 * States of a task: free → held (hold) → free (release, releaseAll); held → held by another (lent).
 * A task is lent when its holder has stalled: none of its workers has held a task or made a result for `patienceMs`, or for
 * `troubledPatienceMs` when it is known that they cannot work (no image, no node, no quota). The task stays in the first holder's queue too: if its workers come after all,
 * whichever worker is first computes it, and the other finds it done.
 *
 * States of a sweep: unknown → able (its first task) → stalled (as above) → able (a worker works, its spec was edited, or it took a task while
 * it held none, as long as nobody else wants that). A stalled sweep borrows nothing before `tryAgainMs` have passed since it last took
 * something, so that tasks do not go to and fro between sweeps that cannot work.
 */
const patienceMs = 120_000;
const troubledPatienceMs = 15_000;
const tryAgainMs = 300_000;

interface Holder {
  /** Since when it has had the chance to work: when one of its workers last worked, or it took a task while it held none. */
  aliveMs: number;
  /** When it last took a task. */
  tookMs: number;
  isTroubled: boolean;
  tasks: number;
}

export class TaskHolders {
  readonly #now: () => number;
  readonly #byTask = new Map<string, string>();
  readonly #holders = new Map<string, Holder>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** @param task unique among stores @returns whether the sweep holds it now */
  hold(task: string, sweep: string): boolean {
    const holder = this.#byTask.get(task);
    if (holder === sweep) return true;
    if (holder !== undefined && !(this.#isStalled(holder) && this.#mayBorrow(sweep))) return false;
    if (holder !== undefined) this.#loses(holder);
    this.#takes(sweep);
    this.#byTask.set(task, sweep);
    return true;
  }

  /** @returns the sweep that holds the task */
  holderOf(task: string): string | undefined {
    return this.#byTask.get(task);
  }

  release(task: string, sweep: string): void {
    if (this.#byTask.get(task) !== sweep) return;
    this.#byTask.delete(task);
    this.#loses(sweep);
  }

  /** The sweep is over, suspended or gone. */
  releaseAll(sweep: string): void {
    for (const [task, holder] of this.#byTask) if (holder === sweep) this.#byTask.delete(task);
    this.#holders.delete(sweep);
  }

  /** A worker of the sweep holds a task, or made a result. */
  alive(sweep: string): void {
    const holder = this.#holders.get(sweep);
    if (holder !== undefined) holder.aliveMs = this.#now();
  }

  /** Whether it is known that workers of the sweep cannot work. */
  trouble(sweep: string, isTroubled: boolean): void {
    const holder = this.#holders.get(sweep);
    if (holder !== undefined) holder.isTroubled = isTroubled;
  }

  /** A person edited the sweep: what its workers could not do says nothing any more. */
  edited(sweep: string): void {
    this.trouble(sweep, false);
    this.alive(sweep);
  }

  #takes(sweep: string): void {
    const nowMs = this.#now();
    const holder = this.#holders.get(sweep) ?? { aliveMs: nowMs, tookMs: nowMs, isTroubled: false, tasks: 0 };
    this.#holders.set(sweep, holder);
    if (holder.tasks === 0) holder.aliveMs = nowMs;
    holder.tasks += 1;
    holder.tookMs = nowMs;
  }

  #loses(sweep: string): void {
    const holder = this.#holders.get(sweep);
    if (holder !== undefined) holder.tasks -= 1;
  }

  #isStalled(sweep: string): boolean {
    const holder = this.#holders.get(sweep);
    if (holder === undefined) return false;
    return this.#now() - holder.aliveMs >= (holder.isTroubled ? troubledPatienceMs : patienceMs);
  }

  #mayBorrow(sweep: string): boolean {
    const holder = this.#holders.get(sweep);
    return holder === undefined || !this.#isStalled(sweep) || this.#now() - holder.tookMs >= tryAgainMs;
  }
}
