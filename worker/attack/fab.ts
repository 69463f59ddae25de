/** FAB against one target class of each example (Croce & Hein 2020, algorithm 1, without random starts): the nearest misclassified image. */
import * as tf from '@tensorflow/tfjs-core';
import type { Norm } from '@ncsweep/catalog/attacks/norm';
import { lengthOf, toHyperplane } from './fab-projection.ts';
import { marginOf } from './logit-losses.ts';
import type { Classifier } from './objective.ts';

/** Overshoot of the boundary, largest share of the way back to the clean image, and how much of a misclassified point's offset is kept. */
const [overshoot, mostBias, backward] = [1.05, 0.1, 0.9];
/** Guards the division by a length that may be zero; the constant of AutoAttack. */
const tiny = 1e-8;

export interface FabOptions {
  /** To be minimised. */
  readonly norm: Norm;
  readonly steps: number;
}

/** Of each example, the nearest misclassified image so far, and how far it is; the clean image at first. */
export class Nearest {
  readonly #shape: tf.Tensor4D['shape'];
  readonly images: Float32Array;
  /** Infinity where none is known [B]. */
  readonly radii: Float64Array;

  constructor(clean: tf.Tensor4D) {
    this.#shape = clean.shape;
    this.images = clean.dataSync<'float32'>().slice();
    this.radii = new Float64Array(clean.shape[0]).fill(Infinity);
  }

  /** @param image of example i, misclassified @param radius how far it is from the clean one */
  offer(i: number, image: Float32Array, radius: number): void {
    if (radius >= this.radii[i]!) return;
    this.radii[i] = radius;
    this.images.set(image, i * image.length);
  }

  /** [B,H,W,C], the caller's to dispose */
  tensor(): tf.Tensor4D {
    return tf.tensor4d(this.images, this.#shape);
  }
}

/** Classes to leave and to reach, one-hot [B,K]. */
export interface FabGoals {
  readonly labels: tf.Tensor2D;
  readonly targets: tf.Tensor2D;
}

/** Offers every misclassified iterate to `nearest`. @param clean [B,H,W,C] in [0,1] */
export function fab(
  classifier: Classifier,
  clean: tf.Tensor4D,
  { labels, targets }: FabGoals,
  { norm, steps }: FabOptions,
  nearest: Nearest,
): void {
  const origin = clean.dataSync<'float32'>();
  const size = origin.length / clean.shape[0];
  const points = origin.slice();
  const row = (values: Float32Array, i: number): Float32Array => values.subarray(i * size, (i + 1) * size);
  for (let step = 0; step < steps; step++) {
    const { distances, normals } = boundary(classifier, tf.tensor4d(points.slice(), clean.shape), { labels, targets });
    for (let i = 0; i < distances.length; i++)
      row(points, i).set(nextPoint(row(points, i), row(origin, i), row(normals, i), distances[i]!, norm));
    marginsAt(classifier, tf.tensor4d(points.slice(), clean.shape), labels).forEach((margin, i) => {
      if (margin <= 0) return;
      const [point, start] = [row(points, i), row(origin, i)];
      nearest.offer(
        i,
        point,
        lengthOf(
          Float64Array.from(point, (v, j) => v - start[j]!),
          norm,
        ),
      );
      point.forEach((v, j) => (point[j] = start[j]! + (v - start[j]!) * backward));
    });
  }
}

/** How far the target's logit is above the label's [B], and the gradient of that [B·H·W·C]. Disposes the images. */
function boundary(classifier: Classifier, images: tf.Tensor4D, { labels, targets }: FabGoals) {
  const found = tf.tidy(() => {
    const { logits, pull } = classifier.trace(images);
    const difference: tf.Tensor2D = tf.sub(targets, labels);
    const distances = tf.sum(tf.mul(logits, difference), 1);
    return { distances: distances.dataSync<'float32'>(), normals: pull(difference).dataSync<'float32'>() };
  });
  images.dispose();
  return found;
}

/** Disposes the images. */
export function marginsAt(classifier: Classifier, images: tf.Tensor4D, labels: tf.Tensor2D): Float32Array {
  const margins = tf.tidy(() => marginOf(classifier.trace(images).logits, labels).dataSync<'float32'>());
  images.dispose();
  return margins;
}

/** Steps across the linearised boundary, from the point and from the clean image, and mixes the two. */
function nextPoint(point: Float32Array, clean: Float32Array, normal: Float32Array, distance: number, norm: Norm): Float32Array {
  let fromClean = distance;
  for (let j = 0; j < point.length; j++) fromClean += normal[j]! * (clean[j]! - point[j]!);
  const steps = [toHyperplane(point, normal, distance, norm), toHyperplane(clean, normal, fromClean, norm)] as const;
  const [length, cleanLength] = steps.map((each) => Math.max(lengthOf(each, norm), tiny)) as [number, number];
  const bias = Math.min(length / (length + cleanLength), mostBias);
  return point.map((v, j) => {
    const mixed = (v + overshoot * steps[0][j]!) * (1 - bias) + (clean[j]! + overshoot * steps[1][j]!) * bias;
    return Math.min(Math.max(mixed, 0), 1);
  });
}
