/**
 * The controller: for every Sweep, one pass after another, from what is seen to what should be. A pass reads, decides by pure functions,
 * acts, and writes the status once if it changed. Everything it remembers can be rebuilt, so that a new leader begins with nothing.
 */
import { isDeepStrictEqual } from 'node:util';
import type { BackendName } from '@ncsweep/catalog/backends';
import { NewerStoreError, StoreUnavailableError, type ObjectStore } from '@ncsweep/protocol/store/object-store';
import type { OrchestratorStream } from '@ncsweep/protocol/stream/jetstream/orchestrator-stream';
import type { StreamEvent } from '@ncsweep/protocol/stream/stream';
import { readPushedData } from '../engine/store/read-pushed-data.ts';
import { nothingPushed } from '../planning/spec/pushed-data.ts';
import { writeRoots } from '../engine/store/roots.ts';
import type { ReportTemplate } from './jobs/report-job.ts';
import type { WorkerTemplate } from './jobs/wave-job.ts';
import type { Cluster } from './cluster.ts';
import type { Metrics } from './metrics.ts';
import { admit, dataReferences, type Admission } from './decide/admit.ts';
import { isOver, retryOf } from './decide/report.ts';
import { isSuspended, statusAfterEnd, statusOf, type Observed, type PoolObserved, type Readiness } from './decide/status.ts';
import type { SweepResource } from './decide/sweep-resource.ts';
import { SweepDeletions } from './sweep-deletions.ts';
import { SweepPools } from './sweep-pools.ts';
import { NamespaceShares, type NamespaceLimits } from './namespace-limits.ts';
import { labelsOf, MeasuredSweeps } from './measured-sweeps.ts';
import { ReportKeeper } from './report-keeper.ts';
import { StatusWriter } from './status-writer.ts';
import { StreamKeeper } from './stream-keeper.ts';
import { SweepEngine } from '../engine/queue/sweep-engine.ts';
import { TaskHolders } from '../engine/queue/task-holders.ts';

export interface ControllerOptions {
  readonly install: string;
  readonly backend: BackendName;
  /** Store of sweeps that name none. */
  readonly storeLocation: string;
  readonly template: WorkerTemplate;
  readonly reportTemplate: ReportTemplate;
  readonly cluster: Cluster;
  readonly stream: OrchestratorStream;
  readonly metrics: Metrics;
  readonly openStore: (location: string) => Promise<ObjectStore>;
  /** How long deleting the results of a Sweep may hold its object. */
  readonly deletionLimitMs: number;
  readonly limits: NamespaceLimits;
  readonly now: () => number;
  /** A worker said something that the next pass can act on. */
  readonly onNews?: () => void;
  /** When a task that nobody reports on is delivered again; default: `ackWaitMs` of the stream. */
  readonly ackWaitMs?: number;
  readonly log: (level: 'info' | 'warn' | 'error', message: string, facts: Readonly<Record<string, unknown>>) => void;
}

/** What is remembered of a Sweep between passes. */
interface Memory {
  generation: number;
  retry: string;
  admission: Admission;
  engine: SweepEngine | undefined;
  store: Readiness;
  readonly pools: SweepPools;
  /** When its spec was last judged. */
  admittedMs: number;
  readonly status: StatusWriter;
}

const ready: Readiness = { ready: true, reason: 'Ready', message: '' };
/** How often the store is asked for data that a sweep names and that was not there. */
const lookAgainMs = 10_000;

export class Controller {
  readonly #options: ControllerOptions;
  readonly #memory = new Map<string, Memory>();
  readonly #reports: ReportKeeper;
  readonly #deletions: SweepDeletions;
  readonly #shares: NamespaceShares;
  readonly #holders = new TaskHolders();
  readonly #measured: MeasuredSweeps;
  readonly #stream: StreamKeeper;

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.#reports = new ReportKeeper(options);
    this.#deletions = new SweepDeletions(options);
    this.#shares = new NamespaceShares(options.limits);
    this.#measured = new MeasuredSweeps(options);
    this.#stream = new StreamKeeper({
      ...options,
      onEvent: (uid, event) => this.#see(uid, event),
      onLostEvents: (count) => this.#loseEvents(count),
      onLost: () => this.#forgetQueues(),
    });
  }

  /** One pass over all sweeps. A sweep that fails is logged and tried again at the next pass; it stops no other. */
  async pass(signal: AbortSignal): Promise<void> {
    await this.#stream.pass(signal);
    const sweeps = this.#options.cluster.sweeps();
    const uids = new Set(sweeps.map(({ metadata }) => metadata.uid));
    for (const uid of this.#memory.keys()) if (!uids.has(uid)) await this.#forget(uid);
    await this.#measured.pass(sweeps);
    for (const resource of sweeps) {
      try {
        await this.#reconcile(resource);
      } catch (error) {
        const { name, namespace } = resource.metadata;
        this.#options.log('error', 'a pass failed', { sweep: `${namespace}/${name}`, error: String(error) });
      }
    }
    this.#shares.turn();
  }

  /** What they said is read from the store at the next pass. */
  #loseEvents(count: number): void {
    this.#options.log('warn', 'events were lost: looks in the store', { count });
    this.#options.metrics.lostEvents(count);
    this.#forgetQueues();
  }

  #forgetQueues(): void {
    for (const { engine } of this.#memory.values()) engine?.forgetQueue();
  }

  #see(uid: string, event: StreamEvent): void {
    // Also to sweeps that wait for this task in another's queue.
    for (const { engine } of this.#memory.values()) engine?.see(event);
    this.#options.onNews?.();
    const labels = this.#measured.see(uid, event);
    if (labels === undefined || event.kind !== 'attempt-ended') return;
    const { cellId, attemptId, worker, outcome, class: failureClass, message } = event;
    const sweep = `${labels.namespace}/${labels.sweep}`;
    this.#options.log('warn', 'an attempt ended', {
      sweep,
      uid,
      cellId,
      attemptId,
      worker,
      outcome,
      class: failureClass,
      why: message,
    });
  }

  async #forget(uid: string): Promise<void> {
    this.#memory.delete(uid);
    this.#deletions.forget(uid);
    this.#holders.releaseAll(uid);
    await this.#options.stream.forget(uid).catch(() => undefined);
  }

  async #reconcile(resource: SweepResource): Promise<void> {
    const { uid } = resource.metadata;
    if (resource.metadata.deletionTimestamp !== undefined) {
      await this.#stop(resource);
      return this.#deletions.pass(resource);
    }
    await this.#deletions.hold(resource);
    if (isOver(resource)) return this.#afterEnd(resource);
    const memory = await this.#admitted(resource);
    const { admission } = memory;
    if (admission.kind === 'refused') return this.#write(memory, await this.#observe(resource, memory, []));
    if (isSuspended(resource) || resource.spec.cancelled === true) {
      await this.#stop(resource);
      return this.#write(memory, await this.#observe(resource, memory, []));
    }
    await this.#openEngine(resource, memory);
    if (memory.engine === undefined || !this.#stream.readiness.ready)
      return this.#write(memory, await this.#observe(resource, memory, []));
    await memory.pools.ensure(this.#stream.ensuredMs);
    const { execution } = admission.plan.sweep;
    const holds = this.#stream.holdsOf(uid);
    memory.engine.seeRunning(new Set(holds.map(({ taskId }) => taskId)));
    try {
      await memory.engine.pass(2 * execution.parallelism);
      await memory.engine.seePodEnds(this.#options.cluster.podEnds(uid));
      memory.store = ready;
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      memory.store = notReady(error);
      return this.#write(memory, await this.#observe(resource, memory, []));
    }
    const status = memory.engine.status();
    this.#options.metrics.sweep(labelsOf(resource), status);
    const pools = await memory.pools.size(resource, { ...admission.plan, ...status, holds }, this.#shares);
    await this.#write(memory, await this.#observe(resource, memory, pools));
  }

  async #admitted(resource: SweepResource): Promise<Memory> {
    const { uid, generation } = resource.metadata;
    const known = this.#memory.get(uid);
    const retry = retryOf(resource);
    const nowMs = this.#options.now();
    const isKnown = known?.generation === generation && known.retry === retry;
    if (isKnown && !(waitsForData(known) && nowMs - known.admittedMs >= lookAgainMs)) return known;
    const admission = await this.#admit(resource);
    const fresh: Memory = {
      ...{ generation, retry, admission, engine: undefined, admittedMs: nowMs, status: new StatusWriter(this.#options) },
      store: { ready: false, reason: 'Unreachable', message: 'not opened yet' },
      pools: new SweepPools(uid, this.#options),
    };
    const memory = known === undefined ? fresh : { ...known, generation, retry, admission, admittedMs: nowMs };
    const isSame = known?.retry === retry && digestOfPlan(known.admission) === digestOfPlan(admission);
    if (!isSame) {
      memory.engine = undefined;
      this.#holders.releaseAll(uid);
    }
    this.#memory.set(uid, memory);
    return memory;
  }

  async #admit(resource: SweepResource): Promise<Admission> {
    const { backend, openStore, storeLocation } = this.#options;
    const references = dataReferences(resource);
    if (references.length === 0) return admit(resource, backend, nothingPushed);
    try {
      const store = await openStore(resource.spec.storage?.location ?? storeLocation);
      return admit(resource, backend, await readPushedData(store, references));
    } catch (error) {
      return { kind: 'refused', reason: 'DatasetUnresolved', message: error instanceof Error ? error.message : String(error) };
    }
  }

  async #openEngine({ metadata, spec }: SweepResource, memory: Memory): Promise<void> {
    if (memory.engine !== undefined || memory.admission.kind === 'refused') return;
    const { now, stream, openStore, storeLocation } = this.#options;
    const { plan, trialsOf } = memory.admission;
    const location = spec.storage?.location ?? storeLocation;
    if (this.#deletions.isBusy(location)) return;
    try {
      const store = await openStore(location);
      await writeRoots(plan, store, metadata.uid);
      memory.engine = await SweepEngine.open({
        uid: metadata.uid,
        plan,
        trialsOf,
        store,
        queue: stream,
        holders: this.#holders,
        now,
      });
      memory.store = ready;
    } catch (error) {
      memory.store = notReady(error);
    }
  }

  /** Pods get SIGTERM: they write checkpoints and give their tasks back. */
  async #stop({ metadata }: SweepResource): Promise<void> {
    const { cluster, stream } = this.#options;
    for (const name of cluster.waveNames(metadata.uid)) await cluster.deleteJob(metadata.namespace, name);
    this.#holders.releaseAll(metadata.uid);
    const memory = this.#memory.get(metadata.uid);
    if (memory?.engine === undefined) return;
    memory.engine = undefined;
    memory.pools.forget();
    await stream.forget(metadata.uid).catch(() => undefined);
  }

  /** What is left to do for a Sweep that is over: its pods end, its report is written, and in time it is removed. */
  async #afterEnd(resource: SweepResource): Promise<void> {
    const { cluster, now } = this.#options;
    await this.#stop(resource);
    this.#memory.delete(resource.metadata.uid);
    const report = await this.#reports.pass(resource);
    const status = statusAfterEnd(resource, report, now());
    if (!isDeepStrictEqual(status, resource.status)) return cluster.writeStatus(resource, status);
    const { ttlSecondsAfterFinished } = resource.spec;
    const since = resource.status?.conditions?.find(({ type, status: truth }) => (type === 'Complete' || type === 'Failed') && truth === 'True'); // prettier-ignore
    if (ttlSecondsAfterFinished === undefined || since === undefined || report.reason === 'Pending') return;
    if (now() - Date.parse(since.lastTransitionTime) >= ttlSecondsAfterFinished * 1000) await cluster.deleteSweep(resource);
  }

  async #observe(resource: SweepResource, memory: Memory, pools: readonly PoolObserved[]): Promise<Observed> {
    const report = await this.#reports.pass(resource);
    const { admission, engine, store } = memory;
    return {
      ...{ resource, admission, store, stream: this.#stream.readiness, pools, report, nowMs: this.#options.now() },
      storeLocation: resource.spec.storage?.location ?? this.#options.storeLocation,
      engine: engine?.status(),
    };
  }

  async #write({ status }: Memory, observed: Observed): Promise<void> {
    await status.write(observed.resource, statusOf(observed));
  }
}

/** Why a store cannot be used. */
function notReady(error: unknown): Readiness {
  const message = error instanceof Error ? error.message : String(error);
  const isDenied = /denied|AccessDenied|access key/i.test(message);
  return {
    ready: false,
    reason: error instanceof NewerStoreError ? 'NewerFormat' : isDenied ? 'AccessDenied' : 'Unreachable',
    message,
  };
}

/** Its data may come into the store at any time. */
const waitsForData = ({ admission }: Memory): boolean => admission.kind === 'refused' && admission.reason === 'DatasetUnresolved';

const digestOfPlan = (admission: Admission): string => (admission.kind === 'admitted' ? admission.plan.planDigest : '');
