/** What the controller sees and does in a cluster: Sweeps, and the Jobs and pods made for them. `kube/` implements it. */
import type { SweepStatus } from '@ncsweep/protocol/status';
import type { PodEnd } from '../engine/queue/lost-attempt.ts';
import type { ReportJob } from './decide/report.ts';
import type { SweepResource } from './decide/sweep-resource.ts';
import type { Wave } from './jobs/pool-plan.ts';

/** Why pods do not run, in the cluster's own words. */
export interface PodProblem {
  readonly reason:
    | 'Unschedulable'
    | 'ImagePullFailed'
    /** A Secret, ConfigMap, key, volume or program that a container needs is missing. */
    | 'CannotStart'
    /** Killed because it ran out of memory. */
    | 'OutOfMemory'
    | 'WorkersCrashing'
    | 'QuotaExceeded'
    | 'WaitingForQuota';
  readonly message: string;
}

/** The cluster as last seen: only `problem` sends a request to the API server. */
export interface ClusterView {
  /** Whether everything has been seen once. */
  readonly synced: boolean;
  sweeps(): readonly SweepResource[];
  sweep(namespace: string, name: string): SweepResource | undefined;
  waves(uid: string, taskClass: string): readonly Wave[];
  waveNames(uid: string): readonly string[];
  /** Whether the namespace is being deleted. */
  isEnding(namespace: string): boolean;
  /** The names of wave and report Jobs. */
  jobNames(uid: string): readonly string[];
  /** Whether any pod of a sweep has not ended. */
  hasPods(uid: string): boolean;
  /** The same for its workers. */
  hasWorkers(uid: string): boolean;
  /** Worker pods of this install in a namespace, and how many GPUs they count as. */
  usage(namespace: string): { readonly pods: number; readonly gpus: number };
  /** How many GPUs the devices of a sweep's running pods count as. */
  gpusHeld(uid: string): number;
  reportJob(uid: string, key: string): ReportJob | undefined;
  /** Pods of a sweep whose end must be recorded in their attempt. */
  podEnds(uid: string): readonly PodEnd[];
  /** The first problem of a class's pods. */
  problem(uid: string, taskClass: string): Promise<PodProblem | undefined>;
}

export interface Cluster extends ClusterView {
  /** An existing Job of this name counts as created: equal names mean equal Jobs. */
  createJob(manifest: Record<string, unknown>): Promise<void>;
  /**
   * Its pods get SIGTERM and their grace period. A Job that is gone counts as deleted.
   * @param outlivesPods keeps it among `jobNames` until its pods are gone
   */
  deleteJob(namespace: string, name: string, outlivesPods?: boolean): Promise<void>;
  writeStatus(resource: SweepResource, status: SweepStatus): Promise<void>;
  /** @returns false when the object has changed meanwhile and must be looked at again */
  setFinalizers(resource: SweepResource, finalizers: readonly string[]): Promise<boolean>;
  deleteSweep(resource: SweepResource): Promise<void>;
  /** Writes an event about the Sweep, for `kubectl describe`; losing one does no harm. */
  tell(resource: SweepResource, type: 'Normal' | 'Warning', reason: string, message: string): Promise<void>;
}
