/** Deletes what Sweeps made, in the background; passes check how far it has come. */
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import { deleteSweep, type DeletedSweep } from '../engine/care/delete-sweep.ts';
import type { DeletionSeen } from './decide/deletion.ts';
import type { PlanGate } from './stores/plan-gate.ts';

interface Deletion {
  readonly stop: AbortController;
  result: DeletedSweep | undefined;
  problem: string;
  isRunning: boolean;
}

interface DeletionRequest {
  readonly location: string;
  /** undefined: the store cannot be used. */
  readonly store: ObjectStore | undefined;
  /** Why it cannot be used. */
  readonly why: string;
  /** Called when the deletion is over, successful or not. */
  readonly onEnd: () => void;
}

export class SweepDeletions {
  readonly #gate: PlanGate;
  readonly #deletions = new Map<string, Deletion>();

  constructor(gate: PlanGate) {
    this.#gate = gate;
  }

  seen(uid: string, location: string | undefined): DeletionSeen {
    const { result, problem = '', isRunning = false } = this.#deletions.get(uid) ?? {};
    return { location, result, problem, isRunning };
  }

  begin(uid: string, { location, store, why, onEnd }: DeletionRequest): void {
    const deletion = this.#deletions.get(uid) ?? {
      stop: new AbortController(),
      result: undefined,
      problem: '',
      isRunning: false,
    };
    this.#deletions.set(uid, deletion);
    if (store === undefined) {
      deletion.problem = why;
      return;
    }
    const done = this.#gate.deleting(location);
    if (done === undefined) return; // a sweep is being opened there: the next pass tries again
    deletion.isRunning = true;
    void deleteSweep(store, uid, deletion.stop.signal)
      .then(
        (result) => (deletion.result = result),
        (error: unknown) => (deletion.problem = error instanceof Error ? error.message : String(error)),
      )
      .finally(() => {
        deletion.isRunning = false;
        done();
        onEnd();
      });
  }

  /** Forgets a Sweep whose object is gone. */
  forget(uid: string): void {
    this.#deletions.get(uid)?.stop.abort(new Error('the Sweep is gone'));
    this.#deletions.delete(uid);
  }
}
