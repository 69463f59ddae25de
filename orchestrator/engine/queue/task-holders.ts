/**
 * Which sweep holds a task when several want it: the holder has it in its queue, the others wait for its result, so that the same
 * work is done once. The leader keeps this in memory. A new leader decides afresh: at worst a task runs twice, and its second
 * result equals the first.
 *
 * States of a task: free → held (hold) → free (release, releaseAll); held → held by another (lent). A task is lent when its holder
 * has stalled: none of its workers has held a task or made a result for `patienceMs`, or for `troubledPatienceMs` if its workers
 * are known to be unable to work (no image, no node, no quota). The task also stays in the first holder's queue: if its workers
 * start after all, whichever worker is first computes it, and the other finds it done.
 *
 * States of a sweep: unknown → able (its first task) → stalled (as above) → able (a worker works, its spec was edited, or it took a
 * task while it held none, as long as no other sweep wants that task). A stalled sweep borrows nothing until `tryAgainMs` have
 * passed since it last took a task, so that tasks do not move back and forth between sweeps that cannot work.
 */
const patienceMs = 120_000;
const troubledPatienceMs = 15_000;
const tryAgainMs = 300_000;

interface Holder {
  /** The start of its current patience: when one of its workers last worked, or it took a task while it held none. */
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

  /** Releases the tasks of a sweep that is over, suspended or gone. */
  releaseAll(sweep: string): void {
    for (const [task, holder] of this.#byTask) if (holder === sweep) this.#byTask.delete(task);
    this.#holders.delete(sweep);
  }

  /** Records that a worker of the sweep holds a task, or made a result. */
  alive(sweep: string): void {
    const holder = this.#holders.get(sweep);
    if (holder !== undefined) holder.aliveMs = this.#now();
  }

  /** Records whether the sweep's workers are known to be unable to work. */
  trouble(sweep: string, isTroubled: boolean): void {
    const holder = this.#holders.get(sweep);
    if (holder !== undefined) holder.isTroubled = isTroubled;
  }

  /** Records that a person edited the sweep: earlier troubles of its workers no longer count. */
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
