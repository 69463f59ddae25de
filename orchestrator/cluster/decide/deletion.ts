/**
 * What `deletionPolicy: Delete` requires. A finalizer holds the object from the moment that the policy is seen. When the object is
 * deleted, its Jobs end, its results are deleted in the background, and the finalizer is removed, after a bounded time in any case.
 * Pure.
 */
import type { Step } from './step.ts';
import type { SweepResource } from './sweep-resource.ts';

export const finalizer = 'ncsweep.dev/delete-results';

/** How far the deletion of a Sweep's results has come. */
export interface DeletionSeen {
  /** undefined: the install does not allow results where the Sweep says. */
  readonly location: string | undefined;
  readonly isRunning: boolean;
  /** Number of cells whose results are gone, and of those kept because other sweeps want them; undefined until it is done. */
  readonly result: { readonly cells: number; readonly kept: number } | undefined;
  /** What last went wrong; it is retried. Empty: nothing. */
  readonly problem: string;
}

export interface DeletingSeen {
  readonly resource: SweepResource;
  readonly deletion: DeletionSeen;
  readonly jobNames: readonly string[];
  readonly hasPods: boolean;
  readonly nowMs: number;
  /** How long a finalizer may hold an object that is being deleted. */
  readonly deletionLimitMs: number;
}

const othersOf = ({ metadata }: SweepResource): string[] => (metadata.finalizers ?? []).filter((each) => each !== finalizer);

/** Keeps the finalizer in place while the policy is Delete, and only then. */
export function finalizerSteps(resource: SweepResource): Step[] {
  const isThere = resource.metadata.finalizers?.includes(finalizer) === true;
  const isWanted = resource.spec.deletionPolicy === 'Delete';
  if (isThere === isWanted) return [];
  const others = othersOf(resource);
  return [{ kind: 'set-finalizers', finalizers: isWanted ? [...others, finalizer] : others }];
}

/** Whether its results will be deleted, which its pods must not outlast. */
export const losesResults = ({ metadata, spec }: SweepResource): boolean =>
  metadata.deletionTimestamp !== undefined &&
  spec.deletionPolicy === 'Delete' &&
  metadata.finalizers?.includes(finalizer) === true;

/** The steps for an object that is being deleted, in addition to ending its Jobs. */
export function deletionSteps(seen: DeletingSeen): Step[] {
  const { resource, deletion, jobNames, hasPods, nowMs, deletionLimitMs } = seen;
  const { metadata, spec } = resource;
  if (metadata.finalizers?.includes(finalizer) !== true) return [];
  const finalizers = othersOf(resource);
  if (spec.deletionPolicy !== 'Delete') return [{ kind: 'set-finalizers', finalizers }];
  if (deletion.location === undefined) {
    const message = 'the install does not allow the store that holds its results, so nothing was deleted there';
    return [{ kind: 'release', finalizers, type: 'Warning', reason: 'StoreNotAllowed', message }];
  }
  if (deletion.result !== undefined) {
    const { cells, kept } = deletion.result;
    const message = `the results of ${cells} cells were deleted, and ${kept} are kept for other sweeps`;
    return [{ kind: 'release', finalizers, type: 'Normal', reason: 'ResultsDeleted', message }];
  }
  if (nowMs - Date.parse(metadata.deletionTimestamp ?? '') >= deletionLimitMs) {
    const why = deletion.problem === '' ? 'its pods did not end, or there were too many objects' : deletion.problem;
    const remedy = `\`ncsweep store gc\` removes what is left in ${deletion.location}`;
    const message = `not all results were deleted in time: ${why}; ${remedy}`;
    return [{ kind: 'release', finalizers, type: 'Warning', reason: 'DeletionTimedOut', message }];
  }
  // A Job without pods may be about to get some, which would write results again.
  const mayWrite = jobNames.length > 0 || hasPods;
  return mayWrite || deletion.isRunning ? [] : [{ kind: 'delete-results' }];
}
