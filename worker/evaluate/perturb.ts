/** Perturbed images of a split for one attack family. */
import * as tf from '@tensorflow/tfjs-core';
import type { AttackParams } from '@ncsweep/protocol/params';
import { exampleNorm, type Norm } from '../attack/ball.ts';
import { normalDraws, signDraws, startDraws } from '../attack/draws.ts';
import type { Objective } from '../attack/objective.ts';
import { addScaled, fgsm, pgd, zeroGradientShare } from '../attack/pgd.ts';
import type { Split } from '../data/dataset.ts';
import { stepPixels } from '../train/trainer.ts';
import { targetsOf, type Batch, type Batches } from './measure.ts';

export type Perturbing = Exclude<AttackParams, { kind: 'none' }>;

export interface SplitSource {
  readonly name: 'train' | 'test';
  readonly split: Split;
  readonly classes: number;
  /** [height, width, channels] */
  readonly image: readonly [number, number, number];
  readonly batchSize: number;
  readonly seed: number;
  /** Throws when the task must stop; called between batches. */
  readonly pulse: () => Promise<void>;
}

interface IndexedBatch extends Batch {
  readonly indices: Int32Array;
}

/** Clean batches in file order; the images are disposed after each use. */
export async function eachBatch(source: SplitSource, use: (batch: IndexedBatch) => void): Promise<void> {
  const { split, batchSize, image } = source;
  for (let start = 0; start < split.count; start += batchSize) {
    await source.pulse();
    const indices = Int32Array.from({ length: Math.min(batchSize, split.count - start) }, (_, i) => start + i);
    const images = tf.tensor4d(split.images(indices), [indices.length, ...image]);
    use({ images, labels: split.labels.slice(start, start + indices.length), indices });
    images.dispose();
  }
}

export const isTargeted = (attack: AttackParams): boolean => 'target' in attack && attack.target !== 'none';

/** What the attack is told: the labels to leave, or the targets to reach; one-hot [B,K]. The caller disposes. */
function attackLabels(attack: Perturbing, labels: Int32Array, classes: number): tf.Tensor2D {
  const goals = isTargeted(attack) ? targetsOf(labels, classes) : labels;
  return tf.tidy(() => tf.cast(tf.oneHot(tf.tensor1d(goals, 'int32'), classes), 'float32') as tf.Tensor2D);
}

export const normOf = (attack: Perturbing): Norm => (attack.kind === 'pgd' ? attack.norm : 'linf');

/** Perturbs one batch at one epsilon. @returns the caller's to dispose */
function perturbBatch(
  attack: Perturbing,
  epsilon: number,
  objective: Objective,
  source: SplitSource,
  batch: IndexedBatch,
): tf.Tensor4D {
  const { seed, name, image } = source;
  switch (attack.kind) {
    case 'sign-noise':
    case 'gaussian-noise': {
      const draws = attack.kind === 'sign-noise' ? signDraws : normalDraws;
      const offsets = draws(seed, `attack/${name}/noise`, batch.indices, image);
      const images = addScaled(batch.images, offsets, epsilon);
      offsets.dispose();
      return images;
    }
    case 'fgsm': {
      const labels = attackLabels(attack, batch.labels, source.classes);
      const [images] = fgsm(objective, batch.images, labels, [epsilon], isTargeted(attack));
      labels.dispose();
      return images!;
    }
    case 'pgd': {
      const labels = attackLabels(attack, batch.labels, source.classes);
      const options = {
        norm: attack.norm,
        epsilon,
        stepSize: stepPixels(attack.stepSize, epsilon),
        steps: attack.steps,
        restarts: attack.restarts,
        targeted: isTargeted(attack),
      };
      const start = (restart: number): tf.Tensor4D =>
        startDraws(seed, `attack/${name}/start/${restart}`, batch.indices, image, attack.norm);
      const images = pgd(objective, batch.images, labels, attack.randomStart ? { ...options, start } : options);
      labels.dispose();
      return images;
    }
    default:
      return attack satisfies never;
  }
}

/** Numbers about the perturbation itself, for the report's attack checks. */
export interface PerturbationFacts {
  /** Largest norm of an example's perturbation, pixel units. */
  readonly perturbation_max: number;
  readonly pixel_min: number;
  readonly pixel_max: number;
}

/**
 * Perturbed batches that can be gone through twice: the images are made on the first pass and kept in memory [N,H,W,C] for the second.
 */
export function perturbedBatches(
  attack: Perturbing,
  epsilon: number,
  objective: Objective,
  source: SplitSource,
): { batches: Batches; facts: () => PerturbationFacts } {
  const kept: Float32Array[] = [];
  const facts = { perturbation_max: 0, pixel_min: Infinity, pixel_max: -Infinity };
  const batches: Batches = async (use) => {
    let index = 0;
    await eachBatch(source, (batch) => {
      const stored = kept[index++];
      const images = stored ? tf.tensor4d(stored, batch.images.shape) : perturbBatch(attack, epsilon, objective, source, batch);
      if (!stored) {
        kept.push(images.dataSync<'float32'>());
        observe(facts, images, batch.images, normOf(attack));
      }
      use({ images, labels: batch.labels });
      images.dispose();
    });
  };
  return { batches, facts: () => facts };
}

function observe(
  facts: { -readonly [K in keyof PerturbationFacts]: number },
  images: tf.Tensor4D,
  clean: tf.Tensor4D,
  norm: Norm,
): void {
  const [largest, low, high] = tf.tidy(() => {
    const delta: tf.Tensor4D = tf.sub(images, clean);
    const radius = norm === 'linf' ? tf.max(tf.abs(delta)) : tf.max(exampleNorm(delta));
    return tf.stack([radius, tf.min(images), tf.max(images)]).dataSync<'float32'>();
  });
  facts.perturbation_max = Math.max(facts.perturbation_max, largest!);
  facts.pixel_min = Math.min(facts.pixel_min, low!);
  facts.pixel_max = Math.max(facts.pixel_max, high!);
}

/** Share of the split's examples whose loss has an exactly zero gradient at the clean image. */
export async function zeroGradients(attack: Perturbing, objective: Objective, source: SplitSource): Promise<number> {
  let zeros = 0;
  await eachBatch(source, ({ images, labels }) => {
    const oneHot = attackLabels(attack, labels, source.classes);
    zeros += zeroGradientShare(objective, images, oneHot) * labels.length;
    oneHot.dispose();
  });
  return zeros / source.split.count;
}
