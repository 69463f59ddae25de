/** One sweep from its first pass to its last commit: the product's own engine and pools, over simulated GPUs, once a second. */
import type { Task, TaskMessage } from '@ncsweep/protocol/messages';
import { MemoryStore } from '@ncsweep/protocol/testing/memory-store';
import { SweepEngine } from '@ncsweep/orchestrator/engine/queue/sweep-engine';
import { TaskHolders } from '@ncsweep/orchestrator/engine/queue/task-holders';
import { capacityOf, planPool, shareWorkers } from '@ncsweep/orchestrator/cluster/jobs/pool-plan';
import type { Plan } from '@ncsweep/orchestrator/planning/plan/plan';
import { GpuCluster } from './gpu-cluster.ts';
import type { Random } from './random.ts';
import { VirtualTime } from './virtual-time.ts';

const passEveryMs = 1000;
const template = 'simulated';
const classes = ['train', 'evaluate'] as const;

interface SimulationOptions {
  readonly plan: Plan;
  readonly durations: ReadonlyMap<string, number>;
  readonly gpus: number;
  readonly preemptedAfterMs: number;
  readonly random: Random;
  readonly onMinute: (minute: number, cellsDone: number) => void;
}

/** Wall time of parts of the controller's passes, ms, one a pass. */
interface PassTimes {
  readonly engine: number[];
  readonly status: number[];
  readonly pools: number[];
}

export interface Simulation {
  readonly makespanMs: number;
  readonly preemptions: number;
  readonly lostMs: number;
  readonly openMs: number;
  readonly passes: PassTimes;
  /** Objects that the passes asked the store for, after the start. */
  readonly storeReads: number;
}

/** Has nothing and counts who asks: what is committed the events say. */
class CountingStore extends MemoryStore {
  reads = 0;

  override get(key: string): Promise<Uint8Array | undefined> {
    this.reads += 1;
    return super.get(key);
  }
}

export async function simulate(options: SimulationOptions): Promise<Simulation> {
  const { plan, onMinute } = options;
  const { parallelism } = plan.sweep.execution;
  const time = new VirtualTime();
  const store = new CountingStore();
  const commits: { taskId: string; cellId: string; computeMs: number; atMs: number }[] = [];
  const onCommit = ({ taskId }: Task, cellId: string, computeMs: number): void => {
    commits.push({ taskId, cellId, computeMs: Math.round(computeMs), atMs: Math.round(time.nowMs) });
  };
  const cluster = new GpuCluster({ ...options, time, onCommit });
  const enqueue = (_: string, message: TaskMessage): Promise<boolean> => {
    if (message.kind !== 'task') throw new Error('a task above 1 MB: make the sweep smaller');
    return Promise.resolve(cluster.enqueue(message));
  };
  const now = (): number => time.nowMs;
  let startMs = performance.now();
  const engine = await SweepEngine.open({ uid: 'large', plan, store, queue: { enqueue }, holders: new TaskHolders(now), now });
  const openMs = performance.now() - startMs;
  store.reads = 0;
  const passes: PassTimes = { engine: [], status: [], pools: [] };
  const clock = (times: number[]): void => {
    const endMs = performance.now();
    times.push(endMs - startMs);
    startMs = endMs;
  };
  const sizePools = poolSizing(cluster, parallelism, now);
  for (;;) {
    startMs = performance.now();
    for (const each of commits.splice(0)) engine.see({ v: 1, kind: 'committed', worker: 'w', attemptId: 'a', ...each });
    engine.seeRunning(cluster.runningTasks());
    await engine.pass(2 * parallelism);
    clock(passes.engine);
    const { queued, finished, counts } = engine.status();
    clock(passes.status);
    if (finished) break;
    sizePools(queued);
    clock(passes.pools);
    if (time.nowMs % 60_000 === 0) onMinute(time.nowMs / 60_000, counts.done);
    time.runTo(time.nowMs + passEveryMs);
  }
  const { lastCommitMs: makespanMs, preemptions, lostMs } = cluster;
  return { makespanMs, preemptions, lostMs, openMs, passes, storeReads: store.reads };
}

/** As `SweepPools` does, without a Kubernetes API. */
function poolSizing(cluster: GpuCluster, parallelism: number, now: () => number) {
  const idleSinceMs = new Map<Task['class'], number>();
  const madeMs = new Map<Task['class'], number>();
  return (queued: Readonly<Record<Task['class'], number>>): void => {
    const wanted = shareWorkers(queued, parallelism);
    for (const taskClass of classes) {
      const waves = cluster.waves(taskClass);
      const surplus = capacityOf({ waves, template }) > wanted[taskClass];
      if (!surplus) idleSinceMs.delete(taskClass);
      else if (!idleSinceMs.has(taskClass)) idleSinceMs.set(taskClass, now());
      const since = { idleSinceMs: idleSinceMs.get(taskClass), lastMadeMs: madeMs.get(taskClass) };
      const { create, drain } = planPool({ waves, wanted: wanted[taskClass], template, ...since }, now());
      cluster.drain(taskClass, drain);
      if (create === undefined) continue;
      cluster.createWave(taskClass, create, template);
      madeMs.set(taskClass, now());
    }
  };
}
