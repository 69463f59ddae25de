/**
 * GPUs, the waves' pods on them, and the workers in the pods, in virtual time. A pod takes one GPU: pending → starting → idle ⇄ busy →
 * ended. A preempted pod is replaced by its Job; its task comes again after the ack wait; a training goes on from its last checkpoint.
 */
import type { Task } from '@ncsweep/protocol/messages';
import { ackWaitMs } from '@ncsweep/protocol/stream/stream';
import type { Wave } from '@ncsweep/orchestrator/cluster/jobs/pool-plan';
import { FifoQueue } from './fifo-queue.ts';
import { exponential, type Random } from './random.ts';
import type { VirtualTime } from './virtual-time.ts';

type TaskClass = Task['class'];

interface GpuClusterOptions {
  readonly gpus: number;
  /** How long each cell takes, ms. */
  readonly durations: ReadonlyMap<string, number>;
  /** Mean time until a pod is preempted, ms; Infinity: never. */
  readonly preemptedAfterMs: number;
  readonly random: Random;
  readonly time: VirtualTime;
  readonly onCommit: (task: Task, cellId: string, computeMs: number) => void;
}

type SimulatedWave = { -readonly [Key in keyof Wave]: Wave[Key] } & { readonly taskClass: TaskClass };

interface Pod {
  readonly wave: SimulatedWave;
  isAlive: boolean;
  task?: Task | undefined;
  cellId?: string | undefined;
  /** When the cell was started or taken up. */
  sinceMs: number;
}

/** From a pod's creation to its first pull: image, libraries, device. */
const podStartMs = { least: 20_000, most: 60_000 };

export class GpuCluster {
  readonly #options: GpuClusterOptions;
  readonly #queues = { train: new FifoQueue(), evaluate: new FifoQueue() };
  readonly #waves: SimulatedWave[] = [];
  #pending: SimulatedWave[] = [];
  readonly #idle = { train: new Set<Pod>(), evaluate: new Set<Pod>() };
  readonly #busy = new Set<Pod>();
  /** Waves whose workers end when they next ask. */
  readonly #draining: Record<TaskClass, readonly string[]> = { train: [], evaluate: [] };
  readonly #done = new Set<string>();
  /** Of interrupted trainings, by cell: what is behind them at the last checkpoint, ms. */
  readonly #checkpoints = new Map<string, number>();
  #freeGpus: number;
  preemptions = 0;
  /** Work that preemptions undid, GPU ms. */
  lostMs = 0;
  lastCommitMs = 0;

  constructor(options: GpuClusterOptions) {
    this.#options = options;
    this.#freeGpus = options.gpus;
  }

  waves(taskClass: TaskClass): readonly Wave[] {
    return this.#waves.filter((wave) => wave.taskClass === taskClass);
  }

  runningTasks(): Set<string> {
    return new Set([...this.#busy].map(({ task }) => task!.taskId));
  }

  enqueue(task: Task): boolean {
    const isNew = this.#queues[task.class].enqueue(task);
    this.#wake(task.class);
    return isNew;
  }

  createWave(taskClass: TaskClass, { index, size }: { readonly index: number; readonly size: number }, template: string): void {
    const wave = {
      name: `${taskClass}-${index}`,
      taskClass,
      index,
      size,
      template,
      ended: 0,
      finished: false,
      memoryStep: 0,
      failed: false,
      running: size,
      outOfMemory: false,
      failuresBefore: 0,
    };
    this.#waves.push(wave);
    this.#pending.push(...Array.from({ length: size }, () => wave));
    this.#schedule();
  }

  /** What the control of a pool says from now on: idle workers of these waves end, busy ones when they next ask. */
  drain(taskClass: TaskClass, names: readonly string[]): void {
    this.#draining[taskClass] = names;
    if (names.length === 0) return;
    for (const pod of [...this.#idle[taskClass]].filter(({ wave }) => names.includes(wave.name))) this.#end(pod);
    this.#schedule();
  }

  #end(pod: Pod): void {
    this.#idle[pod.wave.taskClass].delete(pod);
    pod.isAlive = false;
    pod.wave.ended += 1;
    pod.wave.finished = pod.wave.ended === pod.wave.size;
    this.#freeGpus += 1;
  }

  #schedule(): void {
    const { random, time, preemptedAfterMs } = this.#options;
    const started = this.#pending.slice(0, this.#freeGpus);
    this.#pending = this.#pending.slice(started.length);
    this.#freeGpus -= started.length;
    for (const wave of started) {
      const pod: Pod = { wave, isAlive: true, sinceMs: 0 };
      const startMs = podStartMs.least + random() * (podStartMs.most - podStartMs.least);
      time.after(startMs, () => pod.isAlive && this.#next(pod));
      if (preemptedAfterMs < Infinity) time.after(exponential(random, preemptedAfterMs), () => this.#preempt(pod));
    }
  }

  #next(pod: Pod): void {
    const { taskClass, name } = pod.wave;
    if (this.#draining[taskClass].includes(name)) {
      this.#end(pod);
      this.#schedule();
      return;
    }
    pod.task = this.#queues[taskClass].pull();
    if (pod.task === undefined) this.#idle[taskClass].add(pod);
    else {
      this.#busy.add(pod);
      this.#nextCell(pod, pod.task);
    }
  }

  #wake(taskClass: TaskClass): void {
    const [pod] = this.#idle[taskClass];
    if (pod === undefined) return;
    this.#idle[taskClass].delete(pod);
    this.#next(pod);
  }

  #nextCell(pod: Pod, task: Task): void {
    const { time } = this.#options;
    const cell = task.cells.find(({ cellId }) => !this.#done.has(cellId));
    if (cell === undefined) {
      this.#queues[task.class].ack(task);
      this.#busy.delete(pod);
      this.#next(pod);
      return;
    }
    const { cellId } = cell;
    Object.assign(pod, { cellId, sinceMs: time.nowMs });
    const leftMs = this.#options.durations.get(cellId)! - (this.#checkpoints.get(cellId) ?? 0);
    time.after(leftMs, () => pod.isAlive && this.#commit(pod, task, cellId));
  }

  #commit(pod: Pod, task: Task, cellId: string): void {
    const { onCommit, durations, time } = this.#options;
    this.#done.add(cellId);
    this.lastCommitMs = time.nowMs;
    onCommit(task, cellId, durations.get(cellId)!);
    this.#nextCell(pod, task);
  }

  /** Without warning: what was computed since the last checkpoint is lost. */
  #preempt(pod: Pod): void {
    if (!pod.isAlive) return;
    const { time } = this.#options;
    pod.isAlive = false;
    this.preemptions += 1;
    this.#idle[pod.wave.taskClass].delete(pod);
    const { task, cellId } = pod;
    if (this.#busy.delete(pod) && task !== undefined && cellId !== undefined) {
      const ranMs = time.nowMs - pod.sinceMs;
      const keptMs = task.class === 'train' ? ranMs - (ranMs % task.checkpointEveryMs) : 0;
      if (task.class === 'train') this.#checkpoints.set(cellId, (this.#checkpoints.get(cellId) ?? 0) + keptMs);
      this.lostMs += ranMs - keptMs;
      time.after(ackWaitMs, () => {
        this.#queues[task.class].redeliver(task);
        this.#wake(task.class);
      });
    }
    this.#pending.push(pod.wave);
    this.#freeGpus += 1;
    this.#schedule();
  }
}
