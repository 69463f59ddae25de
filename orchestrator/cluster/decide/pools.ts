/** The pools of one sweep: how many workers each should have, which wave to create, and which ones to drain. Pure. */
import type { BackendName } from '@ncsweep/catalog/backends';
import type { Sweep } from '@ncsweep/catalog/sweep';
import type { PodProblem } from '../cluster.ts';
import { gpusOf, type DeviceWeights, type PodDevices } from '../jobs/devices.ts';
import { limitText, roomFor, type Share } from '../jobs/namespace-limits.ts';
import { capacityOf, liveOf, memoryStepOf, planPool, shareWorkers, taskClasses, uselessWaves } from '../jobs/pool-plan.ts';
import type { MadeWave, TaskClass, Wave } from '../jobs/pool-plan.ts';
import { hasGivenUp, seeStarts, type StartTrouble } from '../jobs/start-trouble.ts';
import { templateDigest, waveJob, type WaveOptions } from '../jobs/wave-job.ts';
import { waveOptions, type Install } from '../jobs/wave-options.ts';
import type { WorkerDemand } from '../jobs/namespace-share.ts';
import { withRemedy } from './pod-remedies.ts';
import type { AllowedStore } from '../stores/store-policy.ts';
import type { PoolObserved } from './observed.ts';
import type { Step } from './step.ts';
import type { SweepResource } from './sweep-resource.ts';

type ByClass<T> = Readonly<Record<TaskClass, T>>;

/** What the size of pools depends on. */
export interface PoolsSeen {
  readonly install: Install;
  readonly store: AllowedStore;
  readonly resource: SweepResource;
  readonly sweep: Sweep;
  readonly backend: BackendName;
  readonly waves: ByClass<readonly Wave[]>;
  readonly queued: ByClass<number>;
  /** How many memory increases the queued tasks require of their pods. */
  readonly memorySteps: ByClass<number>;
  /** Names of the waves whose workers hold a task, once per worker. */
  readonly busyWaves: readonly string[];
  /** How many GPUs a device counts as. */
  readonly weights: DeviceWeights;
  readonly problems: ByClass<PodProblem | undefined>;
  /** The sweep's share of the namespace's limits; undefined where nothing is limited. */
  readonly share: Share | undefined;
  /** What the namespace holds now. */
  readonly usage: { readonly pods: number; readonly gpus: number };
  readonly memory: PoolsMemory;
  readonly nowMs: number;
}

/** What is remembered about a sweep's pools between passes. */
export interface PoolsMemory {
  /** Since when a class has more workers than it wants. */
  readonly idleSinceMs: Readonly<Partial<Record<TaskClass, number>>>;
  /** The wave last created for each class. */
  readonly made: Readonly<Partial<Record<TaskClass, MadeWave>>>;
  readonly starts: Readonly<Partial<Record<TaskClass, StartTrouble>>>;
  /** Why a class's workers failed to start working; kept until later ones do. */
  readonly problems: Readonly<Partial<Record<TaskClass, PodProblem>>>;
}

export const nothingMade: PoolsMemory = { idleSinceMs: {}, made: {}, starts: {}, problems: {} };

/** The memory of a stopped Sweep: when it resumes, its workers have as many tries as at first. */
export const afterStop = ({ made }: PoolsMemory): PoolsMemory => ({ ...nothingMade, made });

export interface PoolsDecision {
  readonly steps: readonly Step[];
  readonly pools: readonly PoolObserved[];
  readonly memory: PoolsMemory;
}

type Demanding = Pick<
  PoolsSeen,
  | 'install'
  | 'store'
  | 'resource'
  | 'sweep'
  | 'backend'
  | 'waves'
  | 'queued'
  | 'memorySteps'
  | 'busyWaves'
  | 'weights'
  | 'memory'
  | 'nowMs'
>;

type Options = Omit<WaveOptions, 'index' | 'size'>;

const optionsAt = ({ install, store, resource, backend }: Demanding, taskClass: TaskClass, memoryStep: number): Options =>
  waveOptions(install, resource, { store, taskClass, backend, memoryStep });

/** How well the workers of a class start. */
function startsOf(seen: Demanding, taskClass: TaskClass): StartTrouble {
  const digestAt = (memoryStep: number): string => templateDigest(optionsAt(seen, taskClass, memoryStep));
  return seeStarts(
    seen.memory.starts[taskClass],
    {
      waves: seen.waves[taskClass],
      base: digestAt(0),
      isOfBase: ({ template, memoryStep }) => template === digestAt(memoryStep),
      busy: new Set(seen.busyWaves),
    },
    seen.nowMs,
  );
}

function optionsOf(seen: Demanding, taskClass: TaskClass): Options {
  // What a task lacked is added to what workers need to start.
  const needed = startsOf(seen, taskClass).memoryStep + seen.memorySteps[taskClass];
  return optionsAt(seen, taskClass, memoryStepOf(seen.waves[taskClass], needed));
}

/** The pod spec in a Job's template. */
const podOf = (job: Record<string, unknown>): PodDevices => (job['spec'] as { template: { spec: PodDevices } }).template.spec;

const gpusOfPod = (seen: Demanding, taskClass: TaskClass): number =>
  gpusOf(podOf(waveJob({ ...optionsOf(seen, taskClass), index: 0, size: 1 })), seen.weights);

/** What the sweep wants within its namespace's limits. */
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
  const waves = seen.waves[taskClass];
  const options = optionsOf(seen, taskClass);
  const starts = startsOf(seen, taskClass);
  const template = templateDigest(options);
  const capacity = capacityOf({ waves, template });
  const idleSinceMs = capacity <= wanted ? undefined : (memory.idleSinceMs[taskClass] ?? nowMs);
  const gpus = gpusOfPod(seen, taskClass);
  const room = share === undefined ? Infinity : roomFor(share.limit, usage, gpus);
  const gaveUp = hasGivenUp(starts);
  const backOffUntilMs = gaveUp ? Infinity : starts.backOffUntilMs;
  const yields = share?.isLimited === true;
  const last = memory.made[taskClass];
  const plan = planPool({ waves, wanted, template, idleSinceMs, last, room, yields, backOffUntilMs }, nowMs);
  const { create, drain } = plan;
  const steps: Step[] = [
    ...(create === undefined ? [] : [createWave({ ...options, ...create, failuresBefore: starts.failures })]),
    ...uselessWaves({ waves, template }).map((name): Step => ({ kind: 'delete-job', name })),
    { kind: 'drain', taskClass, waves: drain },
  ];
  const workers = workersOf(seen, taskClass);
  const problem = seen.problems[taskClass] ?? lastProblem(seen, taskClass, starts);
  const place = { ...resource.metadata, taskClass };
  const pool: PoolObserved = {
    class: taskClass,
    wanted,
    waves: waves.filter(({ finished }) => !finished).length,
    alive: waves.reduce((sum, wave) => sum + liveOf(wave), 0),
    workers,
    gaveUp: gaveUp && capacity === 0,
    problem: problem === undefined ? limitProblem(seen, wanted - capacity > room) : withRemedy(problem, place),
  };
  const size = create?.size ?? 0;
  return {
    steps,
    pool,
    usage: { pods: usage.pods + size, gpus: usage.gpus + size * gpus },
    memory: {
      idleSinceMs: { ...memory.idleSinceMs, [taskClass]: idleSinceMs },
      made: create === undefined ? memory.made : { ...memory.made, [taskClass]: { index: create.index, madeMs: nowMs } },
      starts: { ...memory.starts, [taskClass]: starts },
      problems: { ...memory.problems, [taskClass]: problem },
    },
  };
}

const createWave = (options: WaveOptions): Step => ({ kind: 'create-job', manifest: waveJob(options) });

/** Number of workers that hold a task. */
function workersOf({ waves, busyWaves }: PoolsSeen, taskClass: TaskClass): number {
  const mine = new Set(waves[taskClass].map(({ name }) => name));
  return busyWaves.filter((wave) => mine.has(wave)).length;
}

/** Between two failed waves: what the cluster said about the last one. */
function lastProblem(seen: PoolsSeen, taskClass: TaskClass, { failures, memoryStep }: StartTrouble): PodProblem | undefined {
  const isTroubled = failures + memoryStep > 0 && workersOf(seen, taskClass) === 0;
  return isTroubled ? seen.memory.problems[taskClass] : undefined;
}

/** @param isFull whether the namespace lacks room for all the workers that the pool should have */
function limitProblem({ resource, share }: PoolsSeen, isFull: boolean): PodProblem | undefined {
  if (share === undefined || !(share.isLimited || isFull)) return undefined;
  return { reason: 'WaitingForQuota', message: limitText(resource.metadata.namespace, share) };
}
