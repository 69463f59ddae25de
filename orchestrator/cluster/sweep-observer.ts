/** The first part of a pass: observes a Sweep. Queries the store and NATS, and lets the engine update its copy of what they say. */
import { StoreUnavailableError } from '@ncsweep/protocol/store/object-store';
import type { SweepEngine } from '../engine/queue/sweep-engine.ts';
import { readPushedData } from '../engine/store/read-pushed-data.ts';
import type { RunnablePlan } from '../planning/plan/plan.ts';
import { nothingPushed } from '../planning/spec/pushed-data.ts';
import type { Admission } from './decide/admit.ts';
import type { Seen } from './decide/decide.ts';
import { demandOf, type PoolsSeen } from './decide/pools.ts';
import { stageOf, type Stage } from './decide/stage.ts';
import type { Readiness, SweepName } from './decide/observed.ts';
import { storeNeeds } from './decide/store-needs.ts';
import type { SweepResource } from './decide/sweep-resource.ts';
import { forbiddenInPods, type PodPolicy } from './jobs/pod-policy.ts';
import { taskClasses, type TaskClass } from './jobs/pool-plan.ts';
import { labelsOf } from './measured-sweeps.ts';
import type { Parts } from './parts.ts';
import { notReady, type StoreAccess } from './stores/store-location.ts';
import { placeOf, type AllowedStore, type Placed } from './stores/store-policy.ts';
import type { SweepRecord } from './sweep-record.ts';

type Problems = PoolsSeen['problems'];

/** What a Sweep needs to run. */
interface Running {
  readonly store: AllowedStore;
  readonly record: SweepRecord;
  readonly engine: SweepEngine;
  readonly plan: RunnablePlan;
}

interface Looked {
  readonly stage: Stage;
  readonly place: Placed;
  readonly admission: Admission | undefined;
  readonly access: StoreAccess;
  readonly store: Readiness;
  readonly pools?: PoolsSeen;
}

/** For a Sweep that is over. */
const unused: StoreAccess = { store: undefined, readiness: { ready: undefined, reason: 'Unused', message: '' } };

export class SweepObserver {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * @param signal aborted when the pass takes too long
   * @returns a function that returns everything as seen at the moment of its call: a caller that decides and acts on it before
   * anything else happens gives nothing away twice
   */
  async observe(resource: SweepResource, record: SweepRecord, signal: AbortSignal): Promise<() => Seen> {
    const { stores, podPolicy } = this.#parts.options;
    const place = placeOf(resource, stores);
    const barrier = barrierOf(resource, place, podPolicy);
    const access = this.#prepare(resource, record, barrier === undefined ? place : undefined);
    const admission = barrier ?? record.admissionOf(resource);
    const { engine } = record;
    const canRun = engine !== undefined && access.store !== undefined && this.#parts.stream.readiness.ready === true;
    const isEnding = this.#parts.options.cluster.isEnding(resource.metadata.namespace);
    const stage = stageOf(resource, admission, canRun, isEnding);
    const looked = { stage, place, admission, access };
    if (stage !== 'running' || engine === undefined || admission?.kind !== 'admitted' || place.kind !== 'allowed') {
      const { engineProblem } = record;
      const isBroken = access.store !== undefined && engineProblem !== undefined;
      const store = isBroken ? notReady(engineProblem) : access.readiness;
      return () => this.#seen(resource, record, { ...looked, store });
    }
    const running = { store: place.store, record, engine, plan: admission.plan };
    const trouble = await this.#refresh(resource, running, signal);
    if (trouble !== undefined) return () => this.#seen(resource, record, { ...looked, stage: 'waiting', store: trouble });
    const problems = await this.#problems(resource);
    return () => {
      const pools = this.#pools(resource, running, problems);
      return this.#seen(resource, record, { ...looked, store: access.readiness, pools });
    };
  }

  /**
   * Takes over the plan that has been made meanwhile, or has one made.
   * @param place undefined: the install does not allow the Sweep
   * @returns the Sweep's store
   */
  #prepare(resource: SweepResource, record: SweepRecord, place: Placed | undefined): StoreAccess {
    const { options, stores, holders } = this.#parts;
    const taken = record.takePlan(resource, options.now());
    if (taken === 'same cells') holders.edited(resource.metadata.uid);
    if (taken === 'other cells') {
      record.dropEngine();
      holders.releaseAll(resource.metadata.uid);
    }
    if (record.admissionOf(resource)?.kind !== 'admitted' && !record.isPlanning) options.planner.release(resource.metadata.uid);
    const stage = stageOf(resource, record.admissionOf(resource), false);
    if (stage === 'over' || place?.kind !== 'allowed') {
      record.dropPlan();
      return unused;
    }
    const access = stores.at(place.store);
    const isLeaving = options.cluster.isEnding(resource.metadata.namespace);
    if (stage !== 'deleting' && stage !== 'cancelled' && !isLeaving) this.#plan(resource, record, access);
    return access;
  }

  #seen(resource: SweepResource, record: SweepRecord, { stage, place, admission, access, store, pools }: Looked): Seen {
    const { options, stream, gate, deletions } = this.#parts;
    const { cluster, install, reportTemplate, deletionLimitMs } = options;
    const { uid } = resource.metadata;
    const location = place.kind === 'allowed' ? place.store.location : undefined;
    const nowMs = options.now();
    return {
      stage,
      resource,
      admission,
      place,
      store,
      stream: stream.readiness,
      engine: record.engine?.status(),
      nowMs,
      install,
      reportTemplate,
      reportJob: (key) => cluster.reportJob(uid, key),
      waveNames: cluster.waveNames(uid),
      jobNames: cluster.jobNames(uid),
      hasPods: cluster.hasPods(uid),
      hasWorkers: cluster.hasWorkers(uid),
      hasEngine: record.hasEngine(nowMs),
      canOpen: access.store !== undefined && location !== undefined && gate.mayPlan(location),
      pools,
      nameOf: (other) => this.#nameOf(other),
      deletion: deletions.seen(uid, location),
      deletionLimitMs,
    };
  }

  #nameOf(uid: string): SweepName | undefined {
    const found = this.#parts.options.cluster.sweeps().find(({ metadata }) => metadata.uid === uid);
    return found && { namespace: found.metadata.namespace, name: found.metadata.name };
  }

  /** Has the spec judged if it has not been; a later pass takes over the plan. */
  #plan(resource: SweepResource, record: SweepRecord, { store, readiness }: StoreAccess): void {
    const { options, wake } = this.#parts;
    const { datasets, plugins, reason } = storeNeeds(resource);
    const isOpening = reason !== undefined && store === undefined && readiness.ready === undefined;
    if (isOpening || !record.needsPlan(resource, options.now())) return;
    const work = async (signal: AbortSignal): Promise<Admission> => {
      if (reason === undefined) return options.planner.admission(resource, nothingPushed, signal);
      if (store === undefined) return { kind: 'refused', reason, message: readiness.message };
      try {
        const data = await readPushedData(store, datasets, plugins);
        return await options.planner.admission(resource, data, signal);
      } catch (error) {
        return { kind: 'refused', reason, message: error instanceof Error ? error.message : String(error) };
      }
    };
    record.beginPlan(resource, work, () => wake(record.key));
  }

  /** Checks the store for what is queued, and queues what is ready. @returns why the store could not be read */
  async #refresh(
    resource: SweepResource,
    { record, engine, plan }: Running,
    signal: AbortSignal,
  ): Promise<Readiness | undefined> {
    const { options, stream } = this.#parts;
    const { uid } = resource.metadata;
    await this.#ensureConsumers(uid, record);
    engine.seeRunning(new Set(stream.holdsOf(uid).map(({ taskId }) => taskId)));
    try {
      await engine.pass(2 * plan.sweep.execution.parallelism, signal);
      await engine.seePodEnds(options.cluster.podEnds(uid));
      return undefined;
    } catch (error) {
      if (error instanceof StoreUnavailableError) return notReady(error);
      throw error;
    } finally {
      options.metrics.sweep(labelsOf(resource), engine.status());
    }
  }

  /** Done only after the streams were ensured, not at every pass: each consumer costs a request. */
  async #ensureConsumers(uid: string, record: SweepRecord): Promise<void> {
    const { options, stream } = this.#parts;
    const { ensuredMs } = stream;
    if (record.ensuredMs >= ensuredMs) return;
    for (const taskClass of taskClasses) await options.stream.ensurePool({ sweep: uid, taskClass }, options.ackWaitMs);
    record.ensuredMs = ensuredMs;
  }

  async #problems({ metadata }: SweepResource): Promise<Problems> {
    const { cluster } = this.#parts.options;
    const [train, evaluate] = await Promise.all(taskClasses.map((taskClass) => cluster.problem(metadata.uid, taskClass)));
    return { train, evaluate };
  }

  #pools(resource: SweepResource, { store, record, engine, plan }: Running, problems: Problems): PoolsSeen {
    const { options, stream, shares } = this.#parts;
    const { cluster, now } = options;
    const { uid, namespace } = resource.metadata;
    const { queued, memorySteps } = engine.status();
    const wavesOf = (taskClass: TaskClass) => cluster.waves(uid, taskClass);
    const demanding = {
      install: options,
      store,
      resource,
      sweep: plan.sweep,
      backend: plan.backend,
      waves: { train: wavesOf('train'), evaluate: wavesOf('evaluate') },
      queued,
      memorySteps,
      busyWaves: stream.holdsOf(uid).map(({ wave }) => wave),
      weights: options.limits.weights,
      memory: record.poolsMemory,
      nowMs: now(),
    };
    return {
      ...demanding,
      problems,
      share: shares.share(resource.metadata, demandOf(demanding), now()),
      usage: cluster.usage(namespace),
    };
  }
}

/** What the install does not allow; if there is anything, nothing else is looked at. */
function barrierOf(resource: SweepResource, place: Placed, policy: PodPolicy): Admission | undefined {
  if (place.kind === 'refused') return { kind: 'refused', reason: 'StoreNotAllowed', message: place.message };
  const forbidden = forbiddenInPods(resource, policy);
  return forbidden === undefined ? undefined : { kind: 'refused', reason: 'PodNotAllowed', message: forbidden };
}
