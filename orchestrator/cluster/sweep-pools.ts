/** The pools of one sweep: sizes them by what is queued, makes waves, and lets surplus ones drain. */
import type { BackendName } from '@ncsweep/protocol/params';
import type { OrchestratorStream } from '@ncsweep/protocol/stream/jetstream/orchestrator-stream';
import type { Claim } from '@ncsweep/protocol/stream/jetstream/pool-control';
import type { Sweep } from '@ncsweep/protocol/sweep';
import { capacityOf, memoryStepOf, planPool, shareWorkers } from '../jobs/pool-plan.ts';
import { templateDigest, waveJob, type WaveOptions, type WorkerTemplate } from '../jobs/wave-job.ts';
import { waveOptions } from '../jobs/wave-options.ts';
import type { Cluster } from '../kube/cluster.ts';
import type { PoolObserved } from '../reconcile/status.ts';
import type { SweepResource } from '../reconcile/sweep-resource.ts';

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

/** What the size of pools depends on. */
interface Demand {
  readonly sweep: Sweep;
  readonly backend: BackendName;
  readonly queued: Readonly<Record<TaskClass, number>>;
  /** How often the memory of pods must have grown for what is queued. */
  readonly memorySteps: Readonly<Record<TaskClass, number>>;
  /** Of this sweep's workers. */
  readonly claims: readonly Claim[];
}

type TaskClass = WaveOptions['taskClass'];
const classes: readonly TaskClass[] = ['train', 'evaluate'];

export class SweepPools {
  readonly #uid: string;
  readonly #options: SweepPoolsOptions;
  /** Since when a class has more workers than it wants. */
  readonly #idleSinceMs = new Map<TaskClass, number>();
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

  async size(resource: SweepResource, demand: Demand): Promise<PoolObserved[]> {
    const shares = shareWorkers(demand.queued, demand.sweep.execution.parallelism);
    const pools: PoolObserved[] = [];
    for (const taskClass of classes) pools.push(await this.#sizeOne(resource, demand, taskClass, shares[taskClass]));
    return pools;
  }

  async #sizeOne(resource: SweepResource, demand: Demand, taskClass: TaskClass, wanted: number): Promise<PoolObserved> {
    const { cluster, now } = this.#options;
    const waves = cluster.waves(this.#uid, taskClass);
    const memoryStep = memoryStepOf(waves, demand.memorySteps[taskClass]);
    const options = waveOptions(this.#options, resource, { taskClass, backend: demand.backend, memoryStep });
    const template = templateDigest(options);
    if (capacityOf({ waves, template }) <= wanted) this.#idleSinceMs.delete(taskClass);
    else if (!this.#idleSinceMs.has(taskClass)) this.#idleSinceMs.set(taskClass, now());
    const { create, drain } = planPool({ waves, wanted, template, idleSinceMs: this.#idleSinceMs.get(taskClass) }, now());
    await this.#tell(taskClass, drain);
    if (create !== undefined) await cluster.createJob(waveJob({ ...options, ...create }));
    const problem = await cluster.problem(this.#uid, taskClass);
    const mine = new Set(waves.map(({ name }) => name));
    return {
      ...{ class: taskClass, wanted, waves: waves.filter(({ finished }) => !finished).length },
      workers: demand.claims.filter(({ wave }) => mine.has(wave)).length,
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
