/** Projected gradient descent (Madry et al. 2018) and its one-step form FGSM (Goodfellow et al. 2015). */
import * as tf from '@tensorflow/tfjs-core';
import type { Norm } from '@ncsweep/catalog/attacks/norm';
import { ascent, project } from './ball.ts';
import type { Objective } from './objective.ts';

export interface PgdOptions {
  readonly norm: Norm;
  /** Radius of the ball, in [0,1] pixel units (L2: Euclidean over all pixels of an example). */
  readonly epsilon: number;
  readonly stepSize: number;
  readonly steps: number;
  /** Number of runs, the best of which is taken per example; more than one only makes sense with random starts. */
  readonly restarts: number;
  /** Labels are targets to approach rather than true classes to leave. */
  readonly targeted: boolean;
  /** Start offsets in the unit ball for a restart, keyed by sample (startDraws). Undefined: start at the clean images. */
  readonly start?: (restart: number) => tf.Tensor4D;
}

/** @param clean [B,H,W,C] in [0,1] @param labels one-hot [B,K] @returns perturbed images [B,H,W,C], the caller's to dispose */
export function pgd(objective: Objective, clean: tf.Tensor4D, labels: tf.Tensor2D, options: PgdOptions): tf.Tensor4D {
  const direction = options.targeted ? -1 : 1;
  const once = (restart: number): tf.Tensor4D => {
    let images = tf.tidy(() =>
      options.start
        ? project(tf.add(clean, tf.mul(options.start(restart), options.epsilon)), clean, options.epsilon, options.norm)
        : tf.clone(clean),
    );
    for (let step = 0; step < options.steps; step++) {
      const next = tf.tidy(() => {
        const gradient = objective.gradient(images, labels);
        const moved: tf.Tensor4D = tf.add(images, tf.mul(ascent(gradient, options.norm), direction * options.stepSize));
        return project(moved, clean, options.epsilon, options.norm);
      });
      images.dispose();
      images = next;
    }
    return images;
  };
  let best = once(0);
  for (let restart = 1; restart < options.restarts; restart++) {
    const rival = once(restart);
    const better = tf.tidy(() => {
      const gain = tf.mul(tf.sub(objective.loss(rival, labels), objective.loss(best, labels)), direction);
      const take = tf.reshape(tf.step(gain), [-1, 1, 1, 1]); // 1 where the rival is strictly better
      return tf.add(tf.mul(rival, take), tf.mul(best, tf.sub(1, take))) as tf.Tensor4D;
    });
    best.dispose();
    rival.dispose();
    best = better;
  }
  return best;
}

/** FGSM's direction, ±1 (0 where the gradient is 0) per pixel [B,H,W,C]: one gradient serves every epsilon. @returns the caller's to dispose */
export function fgsmDirection(objective: Objective, clean: tf.Tensor4D, labels: tf.Tensor2D, targeted: boolean): tf.Tensor4D {
  return tf.tidy(() => {
    const uphill = ascent(objective.gradient(clean, labels), 'linf');
    return targeted ? tf.neg(uphill) : uphill;
  });
}

/** clip(clean + epsilon · offsets, 0, 1) for FGSM's direction or a noise's draw. @returns the caller's to dispose */
export function addScaled(clean: tf.Tensor4D, offsets: tf.Tensor4D, epsilon: number): tf.Tensor4D {
  return tf.tidy(() => tf.clipByValue(tf.add(clean, tf.mul(offsets, epsilon)), 0, 1));
}

/** Share of examples whose loss has an exactly zero gradient at `images`; gradient attacks cannot move these. */
export function zeroGradientShare(objective: Objective, images: tf.Tensor4D, labels: tf.Tensor2D): number {
  return tf.tidy(() => {
    const gradient = objective.gradient(images, labels);
    return 1 - tf.mean(tf.step(tf.max(tf.abs(gradient), [1, 2, 3]))).dataSync()[0]!;
  });
}
