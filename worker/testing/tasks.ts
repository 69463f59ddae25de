/** Tasks and an in-memory TaskIo for tests of the science, with a made dataset small enough to run in seconds. */
import { evaluateCell, snapshotCell } from '@ncsweep/catalog/cell';
import type { Task, TaskCell } from '@ncsweep/protocol/messages';
import type { AttackParams } from '@ncsweep/catalog/attacks';
import type { Lineage, RecipeParams } from '@ncsweep/catalog/params';
import { testBackendName } from './test-backend.ts';
import { TaskFailure, type CellOutcome, type Checkpoint, type Progress, type TaskIo } from '../task-io.ts';

export type TrainRecipe = Extract<RecipeParams, { kind: 'train' }>;

export const standard: TrainRecipe = {
  kind: 'train',
  loss: 'ce',
  attack: null,
  beta: 0,
  batchNorm: 'train',
  epochs: 4,
  batchSize: 8,
  learningRate: 0.05,
  momentum: 0.9,
  weightDecay: 0.001,
  schedule: 'cosine',
};

export const adversarial: TrainRecipe = {
  ...standard,
  attack: { norm: 'linf', epsilon: '8/255', steps: 2, stepSize: { kind: 'relative', value: '5/6' }, randomStart: true },
};

export const tinyLineage = (recipe: RecipeParams, change: Partial<Lineage> = {}): Lineage => ({
  dataset: { name: 'prototypes', digest: '0'.repeat(64), classes: 3, trainPerClass: 10, testPerClass: 5, imageSize: 8 },
  architecture: { name: 'convnet', width: 4, depth: 3 },
  recipe,
  seed: 1,
  ...change,
});

const numerics = { backend: testBackendName, batchSize: 16 };

const taskOf = (lineage: Lineage, kind: 'train' | 'evaluate', cells: TaskCell[], batchSize = 16): Task => ({
  v: 1,
  kind: 'task',
  taskId: 'f'.repeat(64),
  sweep: 'test',
  class: kind,
  lineage,
  cells,
  numerics: { ...numerics, batchSize },
  deadlineMs: 1e9,
  checkpointEveryMs: 1e9,
  sources: {},
});

export const snapshotId = (lineage: Lineage, epoch: number): string =>
  snapshotCell({ ...lineage, epoch }, testBackendName).cellId;

export const trainTaskOf = (lineage: Lineage, epochs: readonly number[], change: Partial<Task> = {}): Task => ({
  ...taskOf(
    lineage,
    'train',
    epochs.map((epoch) => ({ kind: 'snapshot', cellId: snapshotId(lineage, epoch), epoch })),
  ),
  ...change,
});

/** An evaluation of the snapshot at `epoch`; epsilons as "p/q", clean when the attack is `none`. */
export function evaluateTaskOf(
  lineage: Lineage,
  epoch: number,
  attack: AttackParams,
  epsilons: readonly string[],
  batchSize = 16,
): Task {
  const snapshot = snapshotId(lineage, epoch);
  const clean = evaluateCell({ attack: { kind: 'none' }, epsilon: '0/1', split: 'train' }, [snapshot], numerics).cellId;
  const cells = epsilons.map((epsilon): TaskCell => {
    const params = { attack, epsilon, split: 'train' } as const;
    const inputs = attack.kind === 'none' ? [snapshot] : [snapshot, clean];
    return { kind: 'evaluate', cellId: evaluateCell(params, inputs, numerics).cellId, params, inputs };
  });
  return taskOf(lineage, 'evaluate', cells, batchSize);
}

/** A TaskIo whose store is a map; its clock advances by one at every reading. */
export class MemoryIo implements TaskIo {
  readonly results = new Map<string, CellOutcome>();
  readonly checkpoints = new Map<string, Checkpoint>();
  readonly progressed: Progress[] = [];
  readonly abort = new AbortController();
  readonly signal = this.abort.signal;
  /** Aborts at this reading of the clock. */
  stopAt = Infinity;
  #clock = 0;

  artifact(cellId: string, name: string): Uint8Array {
    const found = this.results.get(cellId)?.artifacts.find((each) => each.name === name);
    if (!found) throw new TaskFailure('infrastructure', cellId, `no artifact ${name}`);
    return found.bytes;
  }

  isSettled = (cellId: string): Promise<boolean> => Promise.resolve(this.results.has(cellId));
  readArtifact = (cellId: string, name: string): Promise<Uint8Array> => Promise.resolve(this.artifact(cellId, name));
  latestCheckpoint = (cellId: string): Promise<Checkpoint | undefined> => Promise.resolve(this.checkpoints.get(cellId));

  saveCheckpoint(cellId: string, checkpoint: Checkpoint): Promise<void> {
    this.checkpoints.set(cellId, checkpoint);
    return Promise.resolve();
  }

  commit(cellId: string, outcome: CellOutcome): Promise<void> {
    this.results.set(cellId, outcome);
    return Promise.resolve();
  }

  progress(_cellId: string, progress: Progress): void {
    this.progressed.push(progress);
  }

  log(): void {
    // Tests look at results, not at log messages.
  }

  now(): number {
    if (++this.#clock >= this.stopAt) this.abort.abort();
    return this.#clock;
  }
}
