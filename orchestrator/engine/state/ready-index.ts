/**
 * Gives the same answer as `readyTasks` while the state changes. After a change only the groups that it concerns are examined
 * again, so that a run of n tasks costs about n, not n².
 */
import type { Task } from '@ncsweep/protocol/messages';
import type { EvaluationGroup, TrainingGroup } from '../../planning/plan/groups.ts';
import type { RunnablePlan } from '../../planning/plan/plan.ts';
import { type Candidate, candidateOrder, groupCandidates, taskOf } from '../../planning/plan/ready-tasks.ts';
import type { PlanState } from '../../planning/plan/state.ts';

interface Entry {
  readonly candidate: Candidate;
  /** Position of its group in the plan, and its own position in the group: they order equal candidates. */
  readonly group: number;
  readonly part: number;
}

const entryOrder = (a: Entry, b: Entry): number =>
  candidateOrder(a.candidate, b.candidate) || a.group - b.group || a.part - b.part;

export class ReadyIndex {
  readonly #plan: RunnablePlan;
  readonly #state: PlanState;
  readonly #groups: readonly (TrainingGroup | EvaluationGroup)[];
  /** By cell, the groups that contain it, or whose cells consume it. */
  readonly #concerned = new Map<string, number[]>();
  readonly #stale = new Set<number>();
  readonly #entriesOf: Entry[][];
  /** Candidates of all groups, in `entryOrder`. */
  readonly #entries: Entry[] = [];

  /** @param state live: the caller reports its changes by `touch` */
  constructor(plan: RunnablePlan, state: PlanState) {
    this.#plan = plan;
    this.#state = state;
    this.#groups = [...plan.trainings, ...plan.evaluations];
    this.#entriesOf = this.#groups.map((group, index) => {
      const cellIds = new Set(group.cells.flatMap(({ cellId, inputs }) => [cellId, ...inputs]));
      for (const cellId of cellIds) this.#concern(cellId, index);
      return this.#entriesNow(index);
    });
    this.#entries = this.#entriesOf.flat().sort(entryOrder);
  }

  /** Reports that the state of a cell changed. */
  touch(cellId: string): void {
    for (const group of this.#concerned.get(cellId) ?? []) this.#stale.add(group);
  }

  /** The first tasks that can run now. */
  tasks(limit: number): Task[] {
    for (const group of this.#stale) this.#refresh(group);
    this.#stale.clear();
    return this.#entries.slice(0, limit).map(({ candidate }) => taskOf(this.#plan, candidate));
  }

  #concern(cellId: string, group: number): void {
    const known = this.#concerned.get(cellId);
    if (known === undefined) this.#concerned.set(cellId, [group]);
    else known.push(group);
  }

  #entriesNow(group: number): Entry[] {
    return groupCandidates(this.#groups[group]!, this.#state).map((candidate, part) => ({ candidate, group, part }));
  }

  #refresh(group: number): void {
    for (const entry of this.#entriesOf[group]!) this.#entries.splice(this.#position(entry), 1);
    const now = this.#entriesNow(group);
    for (const entry of now) this.#entries.splice(this.#position(entry), 0, entry);
    this.#entriesOf[group] = now;
  }

  /** The position of an entry, or where it belongs. */
  #position(entry: Entry): number {
    let [low, high] = [0, this.#entries.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (entryOrder(this.#entries[middle]!, entry) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
