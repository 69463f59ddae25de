/** What the controller sees and does in a cluster: Sweeps, and the Jobs and pods made for them. `kube/` has the real one. */
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
    /** A Secret, ConfigMap, key, volume or program of its containers is missing. */
    | 'CannotStart'
    /** Killed for memory. */
    | 'OutOfMemory'
    | 'WorkersCrashing'
    | 'QuotaExceeded'
    | 'WaitingForQuota';
  readonly message: string;
}

/** What is there, as last seen: no call but `problem` asks the API server. */
export interface ClusterView {
  /** Everything was seen once. */
  readonly synced: boolean;
  sweeps(): readonly SweepResource[];
  sweep(namespace: string, name: string): SweepResource | undefined;
  waves(uid: string, taskClass: string): readonly Wave[];
  waveNames(uid: string): readonly string[];
  /** The namespace is being deleted. */
  isEnding(namespace: string): boolean;
  /** Of waves and reports. */
  jobNames(uid: string): readonly string[];
  /** Whether pods of a sweep have not ended. */
  hasPods(uid: string): boolean;
  /** Worker pods of this install in a namespace, and their devices. */
  usage(namespace: string): { readonly pods: number; readonly gpus: number };
  /** Devices that running pods of a sweep hold. */
  devicesHeld(uid: string): number;
  reportJob(uid: string, key: string): ReportJob | undefined;
  /** Pods of a sweep that ended in a way that their attempt should know of. */
  podEnds(uid: string): readonly PodEnd[];
  /** The first trouble of a class's pods. */
  problem(uid: string, taskClass: string): Promise<PodProblem | undefined>;
}

export interface Cluster extends ClusterView {
  /** A Job that exists under this name counts as created: equal names are equal Jobs. */
  createJob(manifest: Record<string, unknown>): Promise<void>;
  /** Its pods get SIGTERM and their grace. A Job that is gone counts as deleted. */
  deleteJob(namespace: string, name: string): Promise<void>;
  writeStatus(resource: SweepResource, status: SweepStatus): Promise<void>;
  /** @returns false when the object changed meanwhile: look again */
  setFinalizers(resource: SweepResource, finalizers: readonly string[]): Promise<boolean>;
  deleteSweep(resource: SweepResource): Promise<void>;
  /** Writes an event of the Sweep, for `kubectl describe`; a lost one does no harm. */
  tell(resource: SweepResource, type: 'Normal' | 'Warning', reason: string, message: string): Promise<void>;
}
