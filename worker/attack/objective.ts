/** What an attack climbs: a loss per example and its gradient with respect to the images. Everything runs inside the caller's tidy. */
import * as tf from '@tensorflow/tfjs-core';
import { spread } from '../model/train-pass.ts';
import type { FrozenNetwork } from '../model/frozen-network.ts';
import type { Pooling } from '@ncsweep/catalog/axes';
import { centreMeans, type Means } from '@ncsweep/collapse/class-means';
import { row } from '@ncsweep/collapse/vectors';
import { logitLosses, type LogitLoss } from './logit-losses.ts';

export interface Objective {
  /** d(Σ loss)/d(images) [B,H,W,C] */
  gradient(images: tf.Tensor4D, oneHot: tf.Tensor2D): tf.Tensor4D;
  /** [B] */
  loss(images: tf.Tensor4D, oneHot: tf.Tensor2D): tf.Tensor1D;
}

/** What decides an example's class and can be attacked: the network, or the nearest-class-mean classifier of a layer. */
export interface Classifier {
  /** One forward pass: logits [B,K], and what turns a gradient with respect to them into one with respect to the images. */
  trace(images: tf.Tensor4D): { readonly logits: tf.Tensor2D; readonly pull: (dLogits: tf.Tensor2D) => tf.Tensor4D };
}

/** Default: cross-entropy. */
export function objectiveOf(classifier: Classifier, loss: LogitLoss = logitLosses.ce): Objective {
  return {
    gradient: (images, oneHot) => {
      const { logits, pull } = classifier.trace(images);
      return pull(loss.gradient(logits, oneHot));
    },
    loss: (images, oneHot) => loss.values(classifier.trace(images).logits, oneHot),
  };
}

export function networkClassifier(network: FrozenNetwork): Classifier {
  return {
    trace: (images) => {
      const { value, pull } = network.trace(images);
      return { logits: value as tf.Tensor2D, pull: (dLogits) => pull(dLogits) as tf.Tensor4D };
    },
  };
}

/** The network's own cross-entropy. */
export const networkObjective = (network: FrozenNetwork): Objective => objectiveOf(networkClassifier(network));

/**
 * What the adaptive control attacks: a layer's own nearest-class-mean classifier, with logits −‖h(x) − μ_c‖² / τ. τ is the mean squared
 * distance of the class means from their centre, so that the logits do not depend on the features' scale.
 */
export class NearestMeanClassifier implements Classifier {
  readonly #network: FrozenNetwork;
  readonly #layer: string;
  readonly #pooling: Pooling;
  /** [1,d], the centre of the class means; differences from it keep their digits in float32. */
  readonly #centre: tf.Tensor2D;
  /** [K,d], 2 (μ_c − centre) / τ */
  readonly #directions: tf.Tensor2D;
  /** [K], −‖μ_c − centre‖² / τ; close to −∞ for a class without a mean */
  readonly #offsets: tf.Tensor1D;

  /** Call dispose() to free the tensors made from the means. */
  constructor(network: FrozenNetwork, layer: string, pooling: Pooling, means: Means) {
    this.#network = network;
    this.#layer = layer;
    this.#pooling = pooling;
    const { classes, dimension } = means;
    const { present, globalMean, centred } = centreMeans(means);
    const squares = present.map((_, slot) => row(centred, slot, dimension).reduce((sum, v) => sum + v * v, 0));
    const spread = Math.max(squares.reduce((a, b) => a + b, 0) / present.length, 1e-30);
    const directions = new Float32Array(classes * dimension);
    const offsets = new Float32Array(classes).fill(-1e30);
    present.forEach((c, slot) => {
      row(centred, slot, dimension).forEach((v, j) => (directions[c * dimension + j] = (2 * v) / spread));
      offsets[c] = -squares[slot]! / spread;
    });
    this.#centre = tf.tensor2d(Float32Array.from(globalMean), [1, dimension]);
    this.#directions = tf.tensor2d(directions, [classes, dimension]);
    this.#offsets = tf.tensor1d(offsets);
  }

  trace(images: tf.Tensor4D): ReturnType<Classifier['trace']> {
    const { value, pull } = this.#network.trace(images, this.#layer);
    return {
      logits: this.#headLogits(value),
      pull: (dLogits) => {
        const dFeatures: tf.Tensor2D = tf.matMul(dLogits, this.#directions); // [B,d]
        return pull(unpool(dFeatures, value, this.#pooling)) as tf.Tensor4D;
      },
    };
  }

  dispose(): void {
    this.#centre.dispose();
    this.#directions.dispose();
    this.#offsets.dispose();
  }

  /** ‖h‖² is the same for every class and drops out of the softmax. @returns [B,K] */
  #headLogits(features: tf.Tensor): tf.Tensor2D {
    const centred: tf.Tensor2D = tf.sub(pool(features, this.#pooling), this.#centre);
    return tf.add(tf.matMul(centred, this.#directions, false, true), this.#offsets);
  }
}

/** A layer's features as vectors: [B,H,W,C] → [B,H·W·C] or [B,C]; [B,D] stays. */
export function pool(features: tf.Tensor, pooling: Pooling): tf.Tensor2D {
  if (features.rank === 2) return features as tf.Tensor2D;
  return pooling === 'gap' ? tf.mean(features, [1, 2]) : tf.reshape(features, [features.shape[0]!, -1]);
}

function unpool(gradient: tf.Tensor2D, features: tf.Tensor, pooling: Pooling): tf.Tensor {
  if (features.rank === 2 || pooling === 'flatten') return tf.reshape(gradient, features.shape);
  return spread(gradient, features.shape);
}
