/** The pools of one sweep: sizes them by what is queued, makes waves, and lets surplus ones drain. */
import type { BackendName } from '@ncsweep/catalog/backends';
import type { OrchestratorStream } from '@ncsweep/protocol/stream/jetstream/orchestrator-stream';
import type { Claim as Hold } from '@ncsweep/protocol/stream/jetstream/pool-control';
import type { Sweep } from '@ncsweep/catalog/sweep';
import { devicesOf } from './jobs/devices.ts';
import { capacityOf, memoryStepOf, planPool, shareWorkers, type MadeWave } from './jobs/pool-plan.ts';
import { templateDigest, waveJob, type WaveOptions, type WorkerTemplate } from './jobs/wave-job.ts';
import { waveOptions } from './jobs/wave-options.ts';
import type { Cluster } from './cluster.ts';
import { limitText, roomFor, type NamespaceShares, type Share } from './namespace-limits.ts';
import type { PoolObserved } from './decide/status.ts';
import type { SweepResource } from './decide/sweep-resource.ts';

interface SweepPoolsOptions {
  readonly install: string;
  /** Store of sweeps that name none. */
  readonly storeLocation: string;
  readonly template: WorkerTemplate;
  readonly cluster: Cluster;
  readonly stream: OrchestratorStream;
  readonly now: () => number;
  readonly ackWaitMs?: number;
}

/** A pool to be sized. */
interface Sizing {
  readonly wanted: number;
  /** Undefined where nothing is limited. */
  readonly share: Share | undefined;
}

/** What the size of pools depends on. */
interface Demand {
  readonly sweep: Sweep;
  readonly backend: BackendName;
  readonly queued: Readonly<Record<TaskClass, number>>;
  /** How often the memory of pods must have grown for what is queued. */
  readonly memorySteps: Readonly<Record<TaskClass, number>>;
  /** Tasks that this sweep's workers hold. */
  readonly holds: readonly Hold[];
}

type TaskClass = WaveOptions['taskClass'];
const classes: readonly TaskClass[] = ['train', 'evaluate'];

export class SweepPools {
  readonly #uid: string;
  readonly #options: SweepPoolsOptions;
  /** Since when a class has more workers than it wants. */
  readonly #idleSinceMs = new Map<TaskClass, number>();
  /** When a class's last wave was made. */
  readonly #made = new Map<TaskClass, MadeWave>();
  /** Control as last told. */
  readonly #told = new Map<TaskClass, string>();
  /** The streams' ensuring after which these consumers were ensured too. */
  #ensuredMs = -Infinity;

  constructor(uid: string, options: SweepPoolsOptions) {
    this.#uid = uid;
    this.#options = options;
  }

  /** With the streams, not at every pass: each costs a request. @param streamsMs when the streams were ensured last */
  async ensure(streamsMs: number): Promise<void> {
    if (this.#ensuredMs >= streamsMs) return;
    const { stream, ackWaitMs } = this.#options;
    for (const taskClass of classes) await stream.ensurePool({ sweep: this.#uid, taskClass }, ackWaitMs);
    this.#ensuredMs = streamsMs;
  }

  /** The consumers are gone. */
  forget(): void {
    this.#ensuredMs = -Infinity;
    this.#told.clear();
  }

  /** @param shares of the sweeps of a namespace in its limits */
  async size(resource: SweepResource, demand: Demand, shares: NamespaceShares): Promise<PoolObserved[]> {
    const { parallelism } = demand.sweep.execution;
    const gpus = { train: this.#gpusOfPod(resource, demand, 'train'), evaluate: this.#gpusOfPod(resource, demand, 'evaluate') };
    const share = shares.share(resource.metadata, { queued: demand.queued, parallelism, gpus });
    const wanted = shareWorkers(demand.queued, Math.min(parallelism, share?.workers ?? Infinity));
    const pools: PoolObserved[] = [];
    for (const taskClass of classes)
      pools.push(await this.#sizeOne(resource, demand, taskClass, { wanted: wanted[taskClass], share }));
    return pools;
  }

  #waveOptions(
    resource: SweepResource,
    { backend, memorySteps }: Demand,
    taskClass: TaskClass,
  ): Omit<WaveOptions, 'index' | 'size'> {
    const memoryStep = memoryStepOf(this.#options.cluster.waves(this.#uid, taskClass), memorySteps[taskClass]);
    return waveOptions(this.#options, resource, { taskClass, backend, memoryStep });
  }

  #gpusOfPod(resource: SweepResource, demand: Demand, taskClass: TaskClass): number {
    return devicesOf(podOf(waveJob({ ...this.#waveOptions(resource, demand, taskClass), index: 0, size: 1 })));
  }

  async #sizeOne(
    resource: SweepResource,
    demand: Demand,
    taskClass: TaskClass,
    { wanted, share }: Sizing,
  ): Promise<PoolObserved> {
    const { cluster, now } = this.#options;
    const { namespace } = resource.metadata;
    const waves = cluster.waves(this.#uid, taskClass);
    const options = this.#waveOptions(resource, demand, taskClass);
    const template = templateDigest(options);
    const capacity = capacityOf({ waves, template });
    if (capacity <= wanted) this.#idleSinceMs.delete(taskClass);
    else if (!this.#idleSinceMs.has(taskClass)) this.#idleSinceMs.set(taskClass, now());
    const room = share && roomFor(share.limit, cluster.usage(namespace), this.#gpusOfPod(resource, demand, taskClass));
    const limits = share && room !== undefined ? { room, yields: share.isLimited } : {};
    const since = { idleSinceMs: this.#idleSinceMs.get(taskClass), last: this.#made.get(taskClass) };
    const state = { waves, wanted, template, ...since, ...limits };
    const { create, drain } = planPool(state, now());
    await this.#tell(taskClass, drain);
    if (create !== undefined) {
      await cluster.createJob(waveJob({ ...options, ...create }));
      this.#made.set(taskClass, { index: create.index, madeMs: now() });
    }
    const isLimited = share !== undefined && (share.isLimited || wanted - capacity > (room ?? 0));
    const waits = isLimited ? ({ reason: 'WaitingForQuota', message: limitText(namespace, share) } as const) : undefined;
    const problem = (await cluster.problem(this.#uid, taskClass)) ?? waits;
    const mine = new Set(waves.map(({ name }) => name));
    return {
      ...{ class: taskClass, wanted, waves: waves.filter(({ finished }) => !finished).length },
      workers: demand.holds.filter(({ wave }) => mine.has(wave)).length,
      ...(problem === undefined ? {} : { problem }),
    };
  }

  async #tell(taskClass: TaskClass, drain: readonly string[]): Promise<void> {
    const control = { v: 1 as const, drainWaves: [...drain], pause: false };
    const text = JSON.stringify(control);
    if (this.#told.get(taskClass) === text) return;
    await this.#options.stream.control({ sweep: this.#uid, taskClass }, control);
    this.#told.set(taskClass, text);
  }
}

/** The pod of a Job's template. */
const podOf = (job: Record<string, unknown>): Parameters<typeof devicesOf>[0] =>
  (job['spec'] as { template: { spec: Parameters<typeof devicesOf>[0] } }).template.spec;
