/**
 * Runs a training task: the wanted snapshots of one lineage, by ascending epoch. Training starts from the latest of a settled earlier
 * snapshot, a checkpoint and the initial weights; all of them lead to the same numbers.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { LossName } from '@ncsweep/catalog/losses';
import { parameterSpecs } from '@ncsweep/catalog/network/parameters';
import type { NamedBytes } from '@ncsweep/protocol/compute/link';
import type { TrainTask } from '@ncsweep/protocol/compute/task-document';
import type { Dataset } from './data/dataset.ts';
import { velocitySpecs, weightsFromBytes, weightsToBytes } from './model/load-network.ts';
import { disposeWeights, initialWeights, type Weights } from './model/weights.ts';
import { fillUniform, permutation, randomKey } from './random.ts';
import { PluginFunctions } from './plugin/plugin-functions.ts';
import { TaskFailure, type TaskIo } from './task-io.ts';
import { readLoss } from './train/losses.ts';
import type { LossKernel } from './train/losses/loss-kernel.ts';
import { Trainer } from './train/trainer.ts';

type SnapshotTaskCell = TrainTask['cells'][number];

const weightsFile = 'weights.safetensors';
const momentumFile = 'optimizer.safetensors';

export async function trainTask(task: TrainTask, dataset: Dataset, io: TaskIo, functions = new PluginFunctions()): Promise<void> {
  const loss = readLoss(task.training.loss, functions);
  const pending: SnapshotTaskCell[] = [];
  let settled = task.startFrom;
  for (const cell of task.cells) {
    if (await io.isSettled(cell.cellId)) settled = cell;
    else pending.push(cell);
  }
  const first = pending[0];
  if (!first) return;
  const run = new TrainingRun(task, dataset, io, loss);
  try {
    await run.start(settled && settled.epoch < first.epoch ? settled : undefined, first.cellId);
    for (const cell of pending) await run.reach(cell);
  } finally {
    run.dispose();
  }
}

/** How often a training reports its position within an epoch, ms. */
const tellEveryMs = 5_000;

class TrainingRun {
  readonly #seed: number;
  readonly #loss: LossKernel<LossName>;
  readonly #training: TrainTask['training'];
  readonly #dataset: Dataset;
  readonly #io: TaskIo;
  readonly #nodes;
  readonly #specs;
  /** The list of examples of an epoch, in the order of the split, then their repeats. */
  readonly #shown: Int32Array;
  readonly #checkpointEveryMs: number;
  #checkpointAtMs: number;
  #tellAtMs: number;
  #startedAtMs: number;
  #trainer: Trainer | undefined;
  /** The order of the examples in the epoch trained last. */
  #order: { epoch: number; indices: Int32Array } | undefined;

  constructor(task: TrainTask, dataset: Dataset, io: TaskIo, loss: LossKernel<LossName>) {
    this.#loss = loss;
    this.#seed = task.seed;
    this.#training = task.training;
    this.#dataset = dataset;
    this.#io = io;
    this.#nodes = task.network.nodes;
    this.#specs = parameterSpecs(this.#nodes);
    this.#shown = shownIn(dataset.train.labels, task.training.repeats);
    this.#checkpointEveryMs = task.checkpointEveryMs;
    this.#startedAtMs = io.now();
    this.#checkpointAtMs = this.#startedAtMs + task.checkpointEveryMs;
    this.#tellAtMs = this.#startedAtMs + tellEveryMs;
  }

  /** Starts from the checkpoint towards the first pending snapshot, the settled snapshot, or scratch, whichever is furthest. */
  async start(settled: SnapshotTaskCell | undefined, firstCellId: string): Promise<void> {
    const checkpoint = await this.#io.latestCheckpoint(firstCellId);
    const settledStep = settled?.step ?? 0;
    if (checkpoint && checkpoint.step > settledStep) {
      const part = (name: string): Uint8Array => {
        const found = checkpoint.parts.find((each) => each.name === name);
        if (!found) throw new TaskFailure('unknown', firstCellId, `checkpoint at step ${checkpoint.step} has no part ${name}`);
        return found.bytes;
      };
      this.#resume(checkpoint.step, part(weightsFile), part(momentumFile));
    } else if (settled && settled.step > 0) {
      this.#resume(
        settledStep,
        await this.#io.readArtifact(settled.cellId, weightsFile),
        await this.#io.readArtifact(settled.cellId, momentumFile),
      );
    } else {
      const weights = initialWeights(this.#specs, (name, out) => fillUniform(randomKey(this.#seed, `init/${name}`), 0, out));
      this.#trainer = this.#makeTrainer({ step: 0, weights });
    }
  }

  /** Trains up to the cell's epoch and commits it. */
  async reach(cell: SnapshotTaskCell): Promise<void> {
    const trainer = this.#trainer!;
    const target = cell.step;
    while (trainer.state.step < target) await this.#epochPart(cell, target);
    await this.#io.commit(cell.cellId, {
      artifacts: [...this.#stateFiles()],
      scalars: { epoch: cell.epoch, step: target, weight_norm: weightNorm(trainer.state.weights) },
      computeMs: this.#io.now() - this.#startedAtMs,
    });
    this.#startedAtMs = this.#io.now();
  }

  dispose(): void {
    this.#trainer?.dispose();
  }

  /** Trains to the end of the current epoch, or until it is time for a checkpoint or to stop. */
  async #epochPart(cell: SnapshotTaskCell, target: number): Promise<void> {
    const trainer = this.#trainer!;
    const epoch = Math.floor(trainer.state.step / this.#training.stepsPerEpoch);
    const end = Math.min(target, (epoch + 1) * this.#training.stepsPerEpoch);
    const losses: { loss: tf.Scalar; correct: tf.Scalar }[] = [];
    let seen = 0;
    while (trainer.state.step < end && !this.#io.signal.aborted && this.#io.now() < this.#checkpointAtMs) {
      const { batch, count } = this.#batch(epoch, trainer.state.step - epoch * this.#training.stepsPerEpoch);
      losses.push(trainer.step(batch));
      seen += count;
      batch.images.dispose();
      batch.labels.dispose();
      await new Promise(setImmediate); // let messages in: abort, heartbeat
      this.#reportStep(cell);
    }
    this.#report(cell, epoch, losses, seen);
    if (this.#io.signal.aborted || this.#io.now() >= this.#checkpointAtMs) await this.#checkpoint(cell);
    if (this.#io.signal.aborted) throw new TaskFailure('disruption', cell.cellId, 'given back', { atStep: trainer.state.step });
  }

  /** Reports how far a long epoch has come, without waiting for its loss. */
  #reportStep(cell: SnapshotTaskCell): void {
    const nowMs = this.#io.now();
    if (nowMs < this.#tellAtMs) return;
    this.#tellAtMs = nowMs + tellEveryMs;
    const { step } = this.#trainer!.state;
    this.#io.progress(cell.cellId, {
      epoch: step / this.#training.stepsPerEpoch,
      epochs: this.#training.epochs,
      step,
      values: {},
    });
  }

  #report(cell: SnapshotTaskCell, epoch: number, losses: readonly { loss: tf.Scalar; correct: tf.Scalar }[], seen: number): void {
    if (losses.length === 0) return;
    const total = (pick: 'loss' | 'correct'): number => losses.reduce((sum, each) => sum + each[pick].dataSync()[0]!, 0);
    const values = { loss: total('loss') / losses.length, accuracy: total('correct') / seen };
    for (const { loss, correct } of losses) tf.dispose([loss, correct]);
    const { step } = this.#trainer!.state;
    if (!Number.isFinite(values.loss)) {
      throw new TaskFailure(
        'nonFiniteLoss',
        cell.cellId,
        `the training loss became ${values.loss} in epoch ${epoch + 1}: lower the learning rate`,
        { atStep: step },
      );
    }
    this.#tellAtMs = this.#io.now() + tellEveryMs;
    this.#io.progress(cell.cellId, { epoch: step / this.#training.stepsPerEpoch, epochs: this.#training.epochs, step, values });
  }

  async #checkpoint(cell: SnapshotTaskCell): Promise<void> {
    await this.#io.saveCheckpoint(cell.cellId, { step: this.#trainer!.state.step, parts: this.#stateFiles() });
    this.#checkpointAtMs = this.#io.now() + this.#checkpointEveryMs;
  }

  /** The examples of one step: a permutation of those shown per epoch, keyed by seed and epoch. An epoch's last batch may be smaller. */
  #batch(epoch: number, index: number): { batch: Parameters<Trainer['step']>[0]; count: number } {
    const { train, image, classes } = this.#dataset;
    if (this.#order?.epoch !== epoch) {
      const order = permutation(randomKey(this.#seed, `train/order/${epoch}`), this.#shown.length);
      this.#order = { epoch, indices: order.map((slot) => this.#shown[slot]!) };
    }
    const { batchSize } = this.#training;
    const indices = this.#order.indices.slice(index * batchSize, (index + 1) * batchSize);
    const labels = tf.tidy(() =>
      tf.cast(
        tf.oneHot(
          tf.tensor1d(
            Int32Array.from(indices, (i) => train.labels[i]!),
            'int32',
          ),
          classes,
        ),
        'float32',
      ),
    );
    const batch = {
      images: tf.tensor4d(train.images(indices), [indices.length, ...image]),
      labels: labels as tf.Tensor2D,
      indices,
    };
    return { batch, count: indices.length };
  }

  #stateFiles(): readonly NamedBytes[] {
    const trainer = this.#trainer!;
    const velocity = trainer.velocity();
    const files = [
      { name: weightsFile, bytes: weightsToBytes(trainer.state.weights) },
      { name: momentumFile, bytes: weightsToBytes(velocity) },
    ];
    disposeWeights(velocity);
    return files;
  }

  #resume(step: number, weights: Uint8Array, momentum: Uint8Array): void {
    this.#trainer = this.#makeTrainer({
      step,
      weights: weightsFromBytes(this.#specs, weights),
      velocity: weightsFromBytes(velocitySpecs(this.#nodes), momentum),
    });
  }

  #makeTrainer(state: { step: number; weights: Weights; velocity?: Weights }): Trainer {
    return new Trainer(this.#nodes, this.#training, this.#seed, state, this.#loss);
  }
}

/** Indices of the examples that an epoch shows. @param labels [N] @param repeats of each class [K]; default once */
function shownIn(labels: Int32Array, repeats: readonly number[] = []): Int32Array {
  const times = (i: number): number => repeats[labels[i]!] ?? 1;
  const most = Math.max(1, ...repeats);
  const all = [...labels.keys()];
  return Int32Array.from(Array.from({ length: most }, (_, round) => all.filter((i) => times(i) > round)).flat());
}

/** Euclidean norm over all weights; it tells different trainings apart. */
function weightNorm(weights: Weights): number {
  let sum = 0;
  for (const tensor of weights.values()) for (const value of tensor.dataSync()) sum += value * value;
  return Math.sqrt(sum);
}
