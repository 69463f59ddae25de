/** What the status of a Sweep is made from. */
import type { EngineStatus } from '../../engine/queue/sweep-engine.ts';
import type { Placed } from '../stores/store-policy.ts';
import type { Admission } from './admit.ts';
import type { ReportObserved } from './report.ts';
import type { SweepResource } from './sweep-resource.ts';

export interface Readiness {
  /** undefined: not known yet. */
  readonly ready: boolean | undefined;
  readonly reason: string;
  readonly message: string;
}

export interface PoolObserved {
  readonly class: 'train' | 'evaluate';
  readonly waves: number;
  readonly wanted: number;
  /** Workers whose pods exist or are being made. */
  readonly alive: number;
  /** Workers that hold a task. */
  readonly workers: number;
  /** Workers failed to start working so often that no more are started. */
  readonly gaveUp?: boolean;
  /** Why pods do not run, in the cluster's own words. */
  readonly problem?: { readonly reason: string; readonly message: string } | undefined;
}

export interface SweepName {
  readonly namespace: string;
  readonly name: string;
}

export interface Observed {
  readonly resource: SweepResource;
  /** undefined while the plan is being made. */
  readonly admission: Admission | undefined;
  readonly store: Readiness;
  readonly stream: Readiness;
  /** undefined until the store's contents have been read. */
  readonly engine: EngineStatus | undefined;
  /** undefined where nobody looked. */
  readonly pools: readonly PoolObserved[] | undefined;
  /** Any pod of its workers has not ended. */
  readonly hasWorkers: boolean;
  readonly report: ReportObserved;
  /** Where its results are kept. */
  readonly place: Placed;
  /** The name of another Sweep, by its uid. */
  readonly nameOf: (uid: string) => SweepName | undefined;
  readonly nowMs: number;
}
