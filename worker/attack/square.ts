/** Square Attack (Andriushchenko et al. 2020): a random search that sees logits only. */
import * as tf from '@tensorflow/tfjs-core';
import type { Norm } from '@ncsweep/catalog/attacks/norm';
import { fillUniform, randomKey } from '../random.ts';
import { marginOf } from './logit-losses.ts';
import type { AttackedBatch } from './attack-kernel.ts';
import { squareProposals, squareSide } from './square-proposals.ts';

export interface SquareOptions {
  readonly norm: Norm;
  /** Radius of the ball, pixel units. */
  readonly epsilon: number;
  readonly queries: number;
}

/** Images of a batch and how far the likeliest wrong class is above the right one. */
interface Points {
  readonly images: Float32Array;
  readonly margins: Float32Array;
}

/**
 * Of each example, the first point that is misclassified, the clean image included, or else the one nearest to that. The batch keeps its
 * size while examples drop out, so that rounding stays the same.
 * @returns [B,H,W,C], the caller's to dispose
 */
export function squareAttack(batch: AttackedBatch, { norm, epsilon, queries }: SquareOptions): tf.Tensor4D {
  const { images, indices, image, seed, purpose, classifier } = batch;
  const proposals = squareProposals[norm];
  const problem = { image, epsilon };
  const labels = batch.goals();
  const measure = (points: Float32Array): Points => ({
    images: points,
    margins: tf.tidy(() => marginOf(classifier.trace(tf.tensor4d(points, images.shape)).logits, labels).dataSync<'float32'>()),
  });
  const clean = measure(images.dataSync<'float32'>().slice());
  const size = clean.images.length / indices.length;
  const row = (points: Float32Array, i: number): Float32Array => points.subarray(i * size, (i + 1) * size);
  /** Makes a proposal for each running example. */
  const proposed = (
    best: Points,
    what: string,
    count: number,
    make: (i: number, draws: Float32Array, out: Float32Array) => void,
  ) => {
    const key = randomKey(seed, purpose(`square/${what}`));
    const draws = new Float32Array(count);
    const points = best.images.slice();
    best.margins.forEach((margin, i) => {
      if (margin >= 0) return;
      fillUniform(key, indices[i]!, draws);
      make(i, draws, row(points, i));
    });
    return measure(points);
  };

  const first = proposed(clean, 'start', proposals.startDraws(image), (i, draws, out) =>
    proposals.start(row(clean.images, i), problem, draws, out),
  );
  let best = first;
  for (let query = 0; query < queries && best.margins.some((margin) => margin < 0); query++) {
    const side = squareSide(norm, image, query);
    const next = proposed(best, String(query), proposals.queryDraws(image), (i, draws, out) =>
      proposals.query({ clean: row(clean.images, i), best: row(best.images, i) }, problem, side, draws, out),
    );
    best = better(best, next, row);
  }
  labels.dispose();
  return tf.tensor4d(best.images, images.shape);
}

/** Of each example, the second point where it is nearer to another class. */
function better(best: Points, next: Points, row: (points: Float32Array, i: number) => Float32Array): Points {
  const images = best.images.slice();
  const margins = best.margins.map((margin, i) => {
    if (margin >= 0 || next.margins[i]! <= margin) return margin;
    row(images, i).set(row(next.images, i));
    return next.margins[i]!;
  });
  return { images, margins };
}
