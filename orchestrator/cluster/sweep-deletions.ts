/**
 * What a Sweep of `deletionPolicy: Delete` made goes with it. A finalizer holds the object from the moment that the policy is seen; when the
 * object is deleted, its pods end, its results are deleted in the background, and the finalizer is removed: after a bounded time in any case.
 */
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import type { Cluster } from './cluster.ts';
import type { SweepResource } from './decide/sweep-resource.ts';
import { deleteSweep, type DeletedSweep } from '../engine/care/delete-sweep.ts';

export const finalizer = 'ncsweep.dev/delete-results';

export interface SweepDeletionsOptions {
  /** Store of sweeps that name none. */
  readonly storeLocation: string;
  readonly cluster: Cluster;
  readonly openStore: (location: string) => Promise<ObjectStore>;
  /** How long a finalizer may hold an object that is being deleted. */
  readonly deletionLimitMs: number;
  readonly now: () => number;
}

interface Deletion {
  readonly location: string;
  readonly stop: AbortController;
  result: DeletedSweep | undefined;
  /** The last thing that went wrong; it is tried again. */
  problem: string;
  isRunning: boolean;
}

export class SweepDeletions {
  readonly #options: SweepDeletionsOptions;
  readonly #deletions = new Map<string, Deletion>();

  constructor(options: SweepDeletionsOptions) {
    this.#options = options;
  }

  /** Results are being deleted there: who plans a sweep on that store now would count on results that go. */
  isBusy(location: string): boolean {
    return [...this.#deletions.values()].some((deletion) => deletion.isRunning && deletion.location === location);
  }

  /** Sees to it that the finalizer is there while the policy is Delete, and only then. */
  async hold(resource: SweepResource): Promise<void> {
    const { finalizers = [] } = resource.metadata;
    const wanted = resource.spec.deletionPolicy === 'Delete';
    if (finalizers.includes(finalizer) === wanted) return;
    const others = finalizers.filter((each) => each !== finalizer);
    await this.#options.cluster.setFinalizers(resource, wanted ? [...others, finalizer] : others);
  }

  /** @param resource that is being deleted and whose waves were told to end */
  async pass(resource: SweepResource): Promise<void> {
    const { metadata, spec } = resource;
    if (metadata.finalizers?.includes(finalizer) !== true) return;
    if (spec.deletionPolicy !== 'Delete') return this.hold(resource);
    const deletion = this.#of(resource);
    if (deletion.result !== undefined) {
      const { cells, kept } = deletion.result;
      const message = `the results of ${cells} cells were deleted, ${kept} are wanted by other sweeps`;
      return this.#release(resource, 'Normal', 'ResultsDeleted', message);
    }
    const { cluster, now, deletionLimitMs } = this.#options;
    if (now() - Date.parse(metadata.deletionTimestamp ?? '') >= deletionLimitMs) {
      const why = deletion.problem === '' ? 'its pods did not end, or there was too much' : deletion.problem;
      const remedy = `what is left in ${deletion.location} is garbage: \`ncsweep store gc\` removes it`;
      return this.#release(resource, 'Warning', 'DeletionTimedOut', `not all results were deleted in time: ${why}; ${remedy}`);
    }
    for (const name of cluster.jobNames(metadata.uid)) await cluster.deleteJob(metadata.namespace, name);
    if (!cluster.hasPods(metadata.uid) && !deletion.isRunning) this.#start(metadata.uid, deletion);
  }

  /** The object is gone. */
  forget(uid: string): void {
    this.#deletions.get(uid)?.stop.abort();
    this.#deletions.delete(uid);
  }

  #of({ metadata, spec }: SweepResource): Deletion {
    const known = this.#deletions.get(metadata.uid);
    if (known !== undefined) return known;
    const location = spec.storage?.location ?? this.#options.storeLocation;
    const fresh = { location, stop: new AbortController(), result: undefined, problem: '', isRunning: false };
    this.#deletions.set(metadata.uid, fresh);
    return fresh;
  }

  #start(uid: string, deletion: Deletion): void {
    deletion.isRunning = true;
    const { location, stop } = deletion;
    void this.#options
      .openStore(location)
      .then((store) => deleteSweep(store, uid, stop.signal))
      .then(
        (result) => (deletion.result = result),
        (error: unknown) => (deletion.problem = error instanceof Error ? error.message : String(error)),
      )
      .finally(() => (deletion.isRunning = false));
  }

  async #release(resource: SweepResource, type: 'Normal' | 'Warning', reason: string, message: string): Promise<void> {
    const { cluster } = this.#options;
    const { finalizers = [], uid } = resource.metadata;
    const others = finalizers.filter((each) => each !== finalizer);
    if (!(await cluster.setFinalizers(resource, others))) return;
    this.forget(uid);
    await cluster.tell(resource, type, reason, message);
  }
}
