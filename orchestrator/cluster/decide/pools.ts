/** The pools of one sweep: how many workers each should have, which wave is made, and which ones drain. Pure. */
import type { BackendName } from '@ncsweep/catalog/backends';
import type { Sweep } from '@ncsweep/catalog/sweep';
import type { PodProblem } from '../cluster.ts';
import { devicesOf } from '../jobs/devices.ts';
import { limitText, roomFor, type Share } from '../jobs/namespace-limits.ts';
import { capacityOf, memoryStepOf, planPool, shareWorkers, taskClasses } from '../jobs/pool-plan.ts';
import type { MadeWave, TaskClass, Wave } from '../jobs/pool-plan.ts';
import { templateDigest, waveJob, type WaveOptions } from '../jobs/wave-job.ts';
import { waveOptions, type Install } from '../jobs/wave-options.ts';
import type { WorkerDemand } from '../jobs/namespace-share.ts';
import type { PoolObserved } from './status.ts';
import type { Step } from './step.ts';
import type { SweepResource } from './sweep-resource.ts';

type ByClass<T> = Readonly<Record<TaskClass, T>>;

/** What the size of pools depends on. */
export interface PoolsSeen {
  readonly install: Install;
  readonly resource: SweepResource;
  readonly sweep: Sweep;
  readonly backend: BackendName;
  readonly waves: ByClass<readonly Wave[]>;
  readonly queued: ByClass<number>;
  /** How often the memory of pods must have grown for what is queued. */
  readonly memorySteps: ByClass<number>;
  /** Names of the waves whose workers hold a task, once for each. */
  readonly busyWaves: readonly string[];
  readonly problems: ByClass<PodProblem | undefined>;
  /** In the limits of the namespace; undefined where nothing is limited. */
  readonly share: Share | undefined;
  /** What the namespace holds now. */
  readonly usage: { readonly pods: number; readonly gpus: number };
  readonly memory: PoolsMemory;
  readonly nowMs: number;
}

/** What is remembered of a sweep's pools between passes. */
export interface PoolsMemory {
  /** Since when a class has more workers than it wants. */
  readonly idleSinceMs: Readonly<Partial<Record<TaskClass, number>>>;
  /** The last wave that was made of a class. */
  readonly made: Readonly<Partial<Record<TaskClass, MadeWave>>>;
}

export const nothingMade: PoolsMemory = { idleSinceMs: {}, made: {} };

export interface PoolsDecision {
  readonly steps: readonly Step[];
  readonly pools: readonly PoolObserved[];
  readonly memory: PoolsMemory;
}

type Demanding = Pick<PoolsSeen, 'install' | 'resource' | 'sweep' | 'backend' | 'waves' | 'queued' | 'memorySteps'>;

function optionsOf(seen: Demanding, taskClass: TaskClass): Omit<WaveOptions, 'index' | 'size'> {
  const { install, resource, backend, waves, memorySteps } = seen;
  const memoryStep = memoryStepOf(waves[taskClass], memorySteps[taskClass]);
  return waveOptions(install, resource, { taskClass, backend, memoryStep });
}

/** The pod of a Job's template. */
const podOf = (job: Record<string, unknown>): Parameters<typeof devicesOf>[0] =>
  (job['spec'] as { template: { spec: Parameters<typeof devicesOf>[0] } }).template.spec;

const gpusOfPod = (seen: Demanding, taskClass: TaskClass): number =>
  devicesOf(podOf(waveJob({ ...optionsOf(seen, taskClass), index: 0, size: 1 })));

/** What the sweep wants of its namespace's limits. */
export function demandOf(seen: Demanding): WorkerDemand {
  const gpus = { train: gpusOfPod(seen, 'train'), evaluate: gpusOfPod(seen, 'evaluate') };
  return { queued: seen.queued, parallelism: seen.sweep.execution.parallelism, gpus };
}

export function decidePools(seen: PoolsSeen): PoolsDecision {
  const { sweep, queued, share } = seen;
  const wanted = shareWorkers(queued, Math.min(sweep.execution.parallelism, share?.workers ?? Infinity));
  let { usage, memory } = seen;
  const steps: Step[] = [];
  const pools: PoolObserved[] = [];
  for (const taskClass of taskClasses) {
    const decision = decidePool({ ...seen, usage, memory }, taskClass, wanted[taskClass]);
    steps.push(...decision.steps);
    pools.push(decision.pool);
    memory = decision.memory;
    usage = decision.usage;
  }
  return { steps, pools, memory };
}

function decidePool(seen: PoolsSeen, taskClass: TaskClass, wanted: number) {
  const { resource, share, usage, nowMs, memory } = seen;
  const { namespace } = resource.metadata;
  const waves = seen.waves[taskClass];
  const options = optionsOf(seen, taskClass);
  const template = templateDigest(options);
  const capacity = capacityOf({ waves, template });
  const idleSinceMs = capacity <= wanted ? undefined : (memory.idleSinceMs[taskClass] ?? nowMs);
  const gpus = gpusOfPod(seen, taskClass);
  const room = share === undefined ? Infinity : roomFor(share.limit, usage, gpus);
  const yields = share?.isLimited === true;
  const plan = planPool({ waves, wanted, template, idleSinceMs, last: memory.made[taskClass], room, yields }, nowMs);
  const steps: Step[] = [{ kind: 'drain', taskClass, waves: plan.drain }];
  const { create } = plan;
  if (create !== undefined) steps.unshift({ kind: 'create-job', manifest: waveJob({ ...options, ...create }) });
  const isLimited = share !== undefined && (share.isLimited || wanted - capacity > room);
  const waits = isLimited ? { reason: 'WaitingForQuota', message: limitText(namespace, share) } : undefined;
  const problem = seen.problems[taskClass] ?? waits;
  const mine = new Set(waves.map(({ name }) => name));
  const pool: PoolObserved = {
    class: taskClass,
    wanted,
    waves: waves.filter(({ finished }) => !finished).length,
    workers: seen.busyWaves.filter((wave) => mine.has(wave)).length,
    ...(problem === undefined ? {} : { problem }),
  };
  const size = create?.size ?? 0;
  return {
    steps,
    pool,
    usage: { pods: usage.pods + size, gpus: usage.gpus + size * gpus },
    memory: {
      idleSinceMs: { ...memory.idleSinceMs, [taskClass]: idleSinceMs },
      made: create === undefined ? memory.made : { ...memory.made, [taskClass]: { index: create.index, madeMs: nowMs } },
    },
  };
}
