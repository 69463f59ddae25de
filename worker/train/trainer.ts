/**
 * Training by SGD: standard (cross-entropy), adversarial (PGD examples made in eval mode, update on them; Madry et al. 2018) and TRADES
 * (Zhang et al. 2019). The state is explicit, {weights, velocity, step}, so that a run resumes bit for bit.
 */
import * as tf from '@tensorflow/tfjs-core';
import { toNumber, parseRational } from '@ncsweep/protocol/rational';
import type { StepSize, TrainingAttack } from '@ncsweep/protocol/params';
import { normalDraws, startDraws } from '../attack/draws.ts';
import { crossEntropy, networkObjective, type Objective } from '../attack/objective.ts';
import { pgd } from '../attack/pgd.ts';
import { FrozenNetwork } from '../model/frozen-network.ts';
import type { Node } from '../model/node.ts';
import type { PassState } from '../model/train-pass.ts';
import { velocitySpecs } from '../model/load-network.ts';
import { disposeWeights, type Weights } from '../model/weights.ts';
import { crossEntropyPass, tradesPass } from './losses.ts';
import { learningRate, type TrainRecipe } from './schedule.ts';
import { Sgd } from './sgd.ts';

/** "p/q" in pixel units. */
export const pixels = (text: string): number => toNumber(parseRational(text)!);

export const stepPixels = (step: StepSize, epsilon: number): number =>
  step.kind === 'absolute' ? pixels(step.value) : pixels(step.value) * epsilon;

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
  /** Index of each example in its split: keys the random starts. */
  readonly indices: Int32Array;
}

export class Trainer {
  private readonly nodes: readonly Node[];
  private readonly recipe: TrainRecipe;
  private readonly seed: number;
  private readonly totalSteps: number;
  private weights: Weights;
  private readonly sgd: Sgd;
  private steps: number;

  /** @param state is owned by the trainer from now on; without velocity it starts at zero */
  constructor(
    nodes: readonly Node[],
    recipe: TrainRecipe,
    seed: number,
    totalSteps: number,
    state: { step: number; weights: Weights; velocity?: Weights },
  ) {
    this.nodes = nodes;
    this.recipe = recipe;
    this.seed = seed;
    this.totalSteps = totalSteps;
    this.weights = state.weights;
    this.sgd = new Sgd(velocitySpecs(nodes), recipe, state);
    if (state.velocity) disposeWeights(state.velocity);
    this.steps = state.step;
  }

  /** The current state; the tensors stay the trainer's. */
  get state(): TrainerState {
    return { step: this.steps, weights: this.weights };
  }

  /** Momentum of the trainable weights. @returns the caller's to dispose */
  velocity(): Weights {
    return this.sgd.velocityByName();
  }

  /** One update. @returns the batch's mean loss and number of correct predictions, as scalars the caller disposes: read them rarely */
  step(batch: Batch): { readonly loss: tf.Scalar; readonly correct: tf.Scalar } {
    const rate = learningRate(this.recipe, this.steps, this.totalSteps);
    const adversarial = this.recipe.attack ? this.perturb(batch, this.recipe.attack) : undefined;
    const old = this.weights;
    const result = tf.tidy(() => {
      const state: PassState = {
        weights: this.weights,
        batchNorm: this.recipe.batchNorm,
        gradients: new Map(),
        running: new Map(),
      };
      const { loss, logits } =
        this.recipe.loss === 'trades'
          ? tradesPass(this.nodes, { ...batch, perturbed: adversarial! }, this.recipe.beta, state)
          : crossEntropyPass(this.nodes, adversarial ?? batch.images, batch.labels, state);
      const updated = [...this.weights, ...this.sgd.step(state.gradients, rate), ...state.running];
      this.weights = new Map(updated);
      for (const [name, tensor] of this.weights) if (tensor !== old.get(name)) tf.keep(tensor);
      return {
        loss,
        correct: tf.sum(tf.cast(tf.equal(tf.argMax(logits, 1), tf.argMax(batch.labels, 1)), 'float32')) as tf.Scalar,
      };
    });
    adversarial?.dispose();
    for (const [name, tensor] of old) if (tensor !== this.weights.get(name)) tensor.dispose();
    this.steps += 1;
    return result;
  }

  dispose(): void {
    disposeWeights(this.weights);
    this.sgd.dispose();
  }

  /** Adversarial examples of the batch against the current weights in eval mode. @returns the caller's to dispose */
  private perturb({ images, labels, indices }: Batch, attack: TrainingAttack): tf.Tensor4D {
    const network = new FrozenNetwork(this.nodes, this.weights);
    const epsilon = pixels(attack.epsilon);
    const options = {
      norm: attack.norm,
      epsilon,
      stepSize: stepPixels(attack.stepSize, epsilon),
      steps: attack.steps,
      restarts: 1,
      targeted: false,
    };
    const shape = images.shape.slice(1) as [number, number, number];
    const purpose = `train-attack/${this.steps}`;
    try {
      if (this.recipe.loss === 'trades')
        return this.tradesExamples(network, images, labels, normalDraws(this.seed, purpose, indices, shape), options);
      const start = attack.randomStart ? startDraws(this.seed, purpose, indices, shape, attack) : undefined;
      const adversarial = pgd(networkObjective(network), images, labels, start ? { ...options, start: () => start } : options);
      start?.dispose();
      return adversarial;
    } finally {
      network.dispose();
    }
  }

  /** Climbs KL(f(x) ‖ f(x′)) from x + 0.001·N(0,I). Takes ownership of `noise`. */
  private tradesExamples(
    network: FrozenNetwork,
    images: tf.Tensor4D,
    labels: tf.Tensor2D,
    noise: tf.Tensor4D,
    options: Parameters<typeof pgd>[3],
  ): tf.Tensor4D {
    const p = tf.tidy(() => tf.softmax(network.trace(images).value as tf.Tensor2D));
    const objective: Objective = {
      gradient: (x) => {
        const { value, pull } = network.trace(x);
        return pull(tf.sub(tf.softmax(value as tf.Tensor2D), p)) as tf.Tensor4D;
      },
      loss: (x) => crossEntropy(network.trace(x).value as tf.Tensor2D, p),
    };
    const startScale = 0.001 / options.epsilon;
    const start = (): tf.Tensor4D => tf.mul(noise, startScale);
    const adversarial = pgd(objective, images, labels, { ...options, start });
    p.dispose();
    noise.dispose();
    return adversarial;
  }
}
