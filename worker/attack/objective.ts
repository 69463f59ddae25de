/** What an attack climbs: a loss per example and its gradient with respect to the images. Both run inside the caller's tidy. */
import * as tf from '@tensorflow/tfjs-core';
import { spread } from '../model/train-pass.ts';
import type { FrozenNetwork } from '../model/frozen-network.ts';
import type { Pooling } from '@ncsweep/catalog/axes';
import { centreMeans, type Means } from '@ncsweep/collapse/class-means';
import { row } from '@ncsweep/collapse/vectors';

export interface Objective {
  /** d(Σ loss)/d(images) [B,H,W,C] */
  gradient(images: tf.Tensor4D, oneHot: tf.Tensor2D): tf.Tensor4D;
  /** [B] */
  loss(images: tf.Tensor4D, oneHot: tf.Tensor2D): tf.Tensor1D;
}

/** Cross-entropy per example. @param logits [B,K] @param oneHot [B,K] @returns [B] */
export function crossEntropy(logits: tf.Tensor2D, oneHot: tf.Tensor2D): tf.Tensor1D {
  return tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits), oneHot), 1));
}

/**
 * d(cross-entropy)/d(logits) [B,K] = softmax − oneHot, with the true class's entry computed as minus the sum of the others. For a
 * confident network softmax rounds to 1 and the difference to 0, which would silently weaken every attack.
 */
export function crossEntropyGradient(logits: tf.Tensor2D, oneHot: tf.Tensor2D): tf.Tensor2D {
  const others = tf.mul(tf.softmax(logits), tf.sub(1, oneHot));
  return tf.sub(others, tf.mul(oneHot, tf.sum(others, 1, true)));
}

/** The network's own cross-entropy. */
export function networkObjective(network: FrozenNetwork): Objective {
  return {
    gradient: (images, oneHot) => {
      const { value, pull } = network.trace(images);
      return pull(crossEntropyGradient(value as tf.Tensor2D, oneHot)) as tf.Tensor4D;
    },
    loss: (images, oneHot) => crossEntropy(network.trace(images).value as tf.Tensor2D, oneHot),
  };
}

/**
 * The adaptive control: cross-entropy of a layer's own nearest-class-mean classifier, with logits −‖h(x) − μ_c‖² / τ. τ is the mean squared
 * distance of the class means from their centre, so that the objective does not depend on the features' scale.
 */
export class NearestMeanObjective implements Objective {
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

  gradient(images: tf.Tensor4D, oneHot: tf.Tensor2D): tf.Tensor4D {
    const { value, pull } = this.#network.trace(images, this.#layer);
    const logits = this.#headLogits(value);
    const dFeatures: tf.Tensor2D = tf.matMul(crossEntropyGradient(logits, oneHot), this.#directions); // [B,d]
    return pull(unpool(dFeatures, value, this.#pooling)) as tf.Tensor4D;
  }

  loss(images: tf.Tensor4D, oneHot: tf.Tensor2D): tf.Tensor1D {
    return crossEntropy(this.logits(images), oneHot);
  }

  /** [B,K]; the largest is the nearest mean's. Runs inside the caller's tidy. */
  logits(images: tf.Tensor4D): tf.Tensor2D {
    return this.#headLogits(this.#network.trace(images, this.#layer).value);
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
