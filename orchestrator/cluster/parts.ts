/** What the parts of the controller share. */
import type { OrchestratorStream } from '@ncsweep/protocol/stream/jetstream/orchestrator-stream';
import type { TaskHolders } from '../engine/queue/task-holders.ts';
import type { Cluster } from './cluster.ts';
import type { NamespaceLimits, NamespaceShares } from './jobs/namespace-limits.ts';
import type { PodPolicy } from './jobs/pod-policy.ts';
import type { ReportTemplate } from './jobs/report-job.ts';
import type { WorkerTemplate } from './jobs/wave-job.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Clock } from './passes/clock.ts';
import type { Planner } from './planner/planner.ts';
import type { PlanGate } from './stores/plan-gate.ts';
import type { StoreOpener } from './stores/store-location.ts';
import type { StoreLocations } from './stores/store-locations.ts';
import type { StorePolicy } from './stores/store-policy.ts';
import type { StreamKeeper } from './stream-keeper.ts';
import type { SweepDeletions } from './sweep-deletions.ts';

export interface ControllerOptions {
  readonly install: string;
  readonly stores: StorePolicy;
  readonly podPolicy: PodPolicy;
  readonly template: WorkerTemplate;
  readonly reportTemplate: ReportTemplate;
  readonly cluster: Cluster;
  readonly stream: OrchestratorStream;
  readonly metrics: Metrics;
  readonly openStore: StoreOpener;
  readonly planner: Pick<Planner, 'admission' | 'release' | 'cells'>;
  /** How long deleting a Sweep's results may delay the removal of its object. */
  readonly deletionLimitMs: number;
  readonly limits: NamespaceLimits;
  /** Wall-clock time, ms since the epoch. */
  readonly now: () => number;
  readonly clock: Clock;
  /** In [0,1). */
  readonly random: () => number;
  /** How long until a task that nobody reports on is redelivered; default: `ackWaitMs` of the stream. */
  readonly ackWaitMs?: number | undefined;
  readonly log: Log;
}

export interface Parts {
  readonly options: ControllerOptions;
  readonly stores: StoreLocations;
  readonly stream: StreamKeeper;
  readonly holders: TaskHolders;
  readonly shares: NamespaceShares;
  readonly gate: PlanGate;
  readonly deletions: SweepDeletions;
  /** Reports that something happened to the Sweep of this key: a pass follows soon. */
  readonly wake: (key: string) => void;
}
