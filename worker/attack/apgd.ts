/** Auto-PGD (Croce & Hein 2020, algorithm 1): projected gradient ascent with momentum and a step size that each example adapts. */
import * as tf from '@tensorflow/tfjs-core';
import type { Norm } from '@ncsweep/catalog/attacks/norm';
import { ascent, project } from './ball.ts';
import { marginOf, type LogitLoss } from './logit-losses.ts';
import type { Classifier } from './objective.ts';
import { StepHalving } from './step-halving.ts';

export interface ApgdOptions {
  readonly norm: Norm;
  /** Radius of the ball, pixel units. */
  readonly epsilon: number;
  readonly steps: number;
  readonly loss: LogitLoss;
  /** Offset of the start on the unit sphere of the norm [B,H,W,C]; the caller's to dispose. */
  readonly start: tf.Tensor4D;
}

/** The strongest point of each example: one that is misclassified if there is any, and of these the one of highest loss. */
export class Strongest {
  images: tf.Tensor4D;
  readonly #isWrong: Uint8Array;
  readonly #strength: Float32Array;

  constructor(clean: tf.Tensor4D) {
    this.images = tf.clone(clean);
    this.#isWrong = new Uint8Array(clean.shape[0]);
    this.#strength = new Float32Array(clean.shape[0]).fill(-Infinity);
  }

  /** @param strength to compare points of one kind, misclassified or not, by [B] */
  offer(images: tf.Tensor4D, isWrong: ArrayLike<number>, strength: Float32Array): void {
    const taken = this.#isWrong.map((wrong, i) => {
      const now = Number(isWrong[i]! > 0);
      return Number(now > wrong || (now === wrong && strength[i]! > this.#strength[i]!));
    });
    if (!taken.includes(1)) return;
    taken.forEach((take, i) => {
      if (!take) return;
      this.#isWrong[i] = Number(isWrong[i]! > 0);
      this.#strength[i] = strength[i]!;
    });
    const before = this.images;
    this.images = tf.tidy(() => select(taken, images, before));
    before.dispose();
  }
}

/** Each example of `a` where the mask is 1, else of `b`. @param mask [B] */
const select = (mask: Uint8Array, a: tf.Tensor4D, b: tf.Tensor4D): tf.Tensor4D =>
  tf.where(tf.tensor4d(mask, [mask.length, 1, 1, 1], 'bool'), a, b);

/** A point of the ascent. The owner disposes its tensors. */
interface Point {
  readonly images: tf.Tensor4D;
  readonly gradient: tf.Tensor4D;
}

/** Offers every iterate to `strongest`. @param clean [B,H,W,C] in [0,1] @param labels to leave, one-hot [B,K] */
export function apgd(
  classifier: Classifier,
  clean: tf.Tensor4D,
  labels: tf.Tensor2D,
  { norm, epsilon, steps, loss, start }: ApgdOptions,
  strongest: Pick<Strongest, 'offer'>,
): void {
  const measure = (images: tf.Tensor4D): { point: Point; losses: Float32Array } => {
    const [gradient, values, margins] = tf.tidy(() => {
      const { logits, pull } = classifier.trace(images);
      return [pull(loss.gradient(logits, labels)), loss.values(logits, labels), marginOf(logits, labels)] as const;
    });
    const losses = values.dataSync<'float32'>();
    strongest.offer(images, margins.dataSync<'float32'>(), losses);
    tf.dispose([values, margins]);
    return { point: { images, gradient }, losses };
  };
  const within = (images: tf.Tensor): tf.Tensor4D => project(images as tf.Tensor4D, clean, epsilon, norm);

  const first = measure(tf.tidy(() => within(tf.add(clean, tf.mul(start, epsilon)))));
  const halving = new StepHalving(steps, first.losses);
  const stepSizes = new Float32Array(first.losses.length).fill(2 * epsilon);
  let current = first.point;
  let best = current;
  let previous = tf.clone(current.images);
  for (let iteration = 0; iteration < steps; iteration++) {
    const moved = tf.tidy(() => {
      const stepped = within(tf.add(current.images, tf.mul(ascent(current.gradient, norm), perExample(stepSizes))));
      if (iteration === 0) return stepped;
      const momentum = tf.mul(tf.sub(current.images, previous), 0.25);
      return within(tf.add(tf.add(current.images, tf.mul(tf.sub(stepped, current.images), 0.75)), momentum));
    });
    previous.dispose();
    previous = tf.clone(current.images);
    const { point, losses } = measure(moved);
    const { improved, halved } = halving.after(losses);
    const better = merged(improved, point, best);
    const next = halved === undefined ? point : merged(halved, better, point);
    halved?.forEach((isHalved, i) => (stepSizes[i]! /= isHalved ? 2 : 1));
    release([current, best, point], [better, next]);
    [best, current] = [better, next];
  }
  previous.dispose();
  release([current, best], []);
}

const perExample = (values: Float32Array): tf.Tensor4D => tf.tensor4d(values, [values.length, 1, 1, 1]);

function merged(mask: Uint8Array, a: Point, b: Point): Point {
  if (!mask.includes(0)) return a;
  if (!mask.includes(1)) return b;
  return {
    images: tf.tidy(() => select(mask, a.images, b.images)),
    gradient: tf.tidy(() => select(mask, a.gradient, b.gradient)),
  };
}

/** Disposes points that are no longer used; two points may share tensors. */
function release(points: readonly Point[], kept: readonly Point[]): void {
  const used = new Set(kept.flatMap(({ images, gradient }) => [images, gradient]));
  for (const tensor of new Set(points.flatMap(({ images, gradient }) => [images, gradient])))
    if (!used.has(tensor)) tensor.dispose();
}
