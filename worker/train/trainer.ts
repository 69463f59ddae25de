/**
 * Training by SGD. The loss kernel decides what is minimised and how adversarial examples are made. The state is explicit, {weights,
 * velocity, step}, so that a run resumes bit for bit.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { LossName } from '@ncsweep/catalog/losses';
import type { Training, TrainingAttackDocument } from '@ncsweep/protocol/compute/task-document';
import { normalDraws, startDraws } from '../attack/draws.ts';
import { pgd } from '../attack/pgd.ts';
import { FrozenNetwork } from '../model/frozen-network.ts';
import type { Node } from '@ncsweep/catalog/network/node';
import type { PassState } from '../model/train-pass.ts';
import { velocitySpecs } from '../model/load-network.ts';
import { disposeWeights, type Weights } from '../model/weights.ts';
import { lossParams, readLoss } from './losses.ts';
import type { LossKernel } from './losses/loss-kernel.ts';
import { learningRate } from './schedule.ts';
import { Sgd } from './sgd.ts';

export interface TrainerState {
  /** Completed steps. */
  readonly step: number;
  readonly weights: Weights;
}

export interface Batch {
  /** [B,H,W,C] in [0,1] */
  readonly images: tf.Tensor4D;
  /** one-hot [B,K] */
  readonly labels: tf.Tensor2D;
  /** Index of each example in its split; keys the random starts. */
  readonly indices: Int32Array;
}

export class Trainer {
  readonly #nodes: readonly Node[];
  readonly #training: Training;
  readonly #kernel: LossKernel<LossName>;
  readonly #seed: number;
  #weights: Weights;
  readonly #sgd: Sgd;
  #steps: number;

  /** @param state is owned by the trainer from now on; without velocity it starts at zero @param kernel of the loss of the training */
  constructor(
    nodes: readonly Node[],
    training: Training,
    seed: number,
    state: { step: number; weights: Weights; velocity?: Weights },
    kernel = readLoss(training.loss),
  ) {
    this.#nodes = nodes;
    this.#training = training;
    this.#kernel = kernel;
    this.#seed = seed;
    this.#weights = state.weights;
    this.#sgd = new Sgd(velocitySpecs(nodes), training, state);
    if (state.velocity) disposeWeights(state.velocity);
    this.#steps = state.step;
  }

  /** The current state; the tensors stay the trainer's. */
  get state(): TrainerState {
    return { step: this.#steps, weights: this.#weights };
  }

  /** Momentum of the trainable weights. @returns the caller's to dispose */
  velocity(): Weights {
    return this.#sgd.velocityByName();
  }

  /** One update. @returns the batch's mean loss and number of correct predictions, as scalars that the caller disposes; read them rarely */
  step(batch: Batch): { readonly loss: tf.Scalar; readonly correct: tf.Scalar } {
    const { schedule, attack, batchNorm, loss: params } = this.#training;
    const rate = learningRate(schedule, this.#steps);
    const adversarial = attack ? this.#perturb(batch, attack) : undefined;
    const old = this.#weights;
    const result = tf.tidy(() => {
      const state: PassState = {
        weights: this.#weights,
        batchNorm,
        gradients: new Map(),
        running: new Map(),
      };
      const perturbed = { ...batch, perturbed: adversarial };
      const { loss, logits } = this.#kernel.pass(this.#nodes, perturbed, lossParams(params), state);
      const updated = [...this.#weights, ...this.#sgd.step(state.gradients, rate), ...state.running];
      this.#weights = new Map(updated);
      for (const [name, tensor] of this.#weights) if (tensor !== old.get(name)) tf.keep(tensor);
      return {
        loss,
        correct: tf.sum(tf.cast(tf.equal(tf.argMax(logits, 1), tf.argMax(batch.labels, 1)), 'float32')) as tf.Scalar,
      };
    });
    adversarial?.dispose();
    for (const [name, tensor] of old) if (tensor !== this.#weights.get(name)) tensor.dispose();
    this.#steps += 1;
    return result;
  }

  dispose(): void {
    disposeWeights(this.#weights);
    this.#sgd.dispose();
  }

  /** Adversarial examples of the batch against the current weights in eval mode. @returns the caller's to dispose */
  #perturb({ images, labels, indices }: Batch, attack: TrainingAttackDocument): tf.Tensor4D {
    const network = new FrozenNetwork(this.#nodes, this.#weights);
    const { norm, epsilon, stepSize, steps } = attack;
    const options = { norm, epsilon, stepSize, steps, restarts: 1, targeted: false };
    const image = images.shape.slice(1) as [number, number, number];
    const purpose = `train-attack/${this.#steps}`;
    const draw = {
      normal: () => normalDraws(this.#seed, purpose, indices, image),
      start: () => startDraws(this.#seed, purpose, indices, image, attack.start.kind),
    };
    const adversary = this.#kernel.adversary({ network, images, attack, draw });
    const { objective, start } = adversary;
    try {
      return pgd(objective, images, labels, start ? { ...options, start: () => start } : options);
    } finally {
      adversary.dispose();
      network.dispose();
    }
  }
}
