/** Perturbed images of a split for one attack family. */
import * as tf from '@tensorflow/tfjs-core';
import type { Norm } from '@ncsweep/catalog/attacks/norm';
import type { ResolvedAttack } from '@ncsweep/catalog/attacks';
import type { AttackedBatch, Budget } from '../attack/attack-kernel.ts';
import { perturbationSize, whereWithin } from '../attack/ball.ts';
import { targetsOf } from '../attack/goals.ts';
import { objectiveOf, type Classifier } from '../attack/objective.ts';
import { addScaled, zeroGradientShare } from '../attack/pgd.ts';
import type { KnownAttack } from '../attack/read-attack.ts';
import { BatchCache } from './batch-cache.ts';
import { cascade } from './cascade.ts';
import type { Batches } from './measure.ts';
import { eachBatch, type IndexedBatch, type SplitSource } from './split-source.ts';

/** The attack's goals: the labels to leave, or the targets to reach; one-hot [B,K]. The caller disposes them. */
function attackGoals({ target }: KnownAttack, labels: Int32Array, classes: number): tf.Tensor2D {
  const goals = targetsOf(target, labels, classes) ?? labels;
  return tf.tidy(() => tf.cast(tf.oneHot(tf.tensor1d(goals, 'int32'), classes), 'float32') as tf.Tensor2D);
}

/** One attack against one classifier, at any epsilon. What serves every epsilon is made once. */
export class Perturber {
  readonly #attack: KnownAttack;
  readonly #classifier: Classifier;
  readonly #source: SplitSource;
  readonly #shared = new BatchCache();

  constructor(attack: KnownAttack, classifier: Classifier, source: SplitSource) {
    this.#attack = attack;
    this.#classifier = classifier;
    this.#source = source;
  }

  dispose(): void {
    this.#shared.dispose();
  }

  /** @param fallen of the split, for attacks of several stages @returns perturbed images [B,H,W,C], the caller's to dispose */
  #perturb(budget: Budget, batch: IndexedBatch, fallen: Uint8Array): tf.Tensor4D {
    // The kernel under the attack's kind takes the attack's own params, which the compiler cannot check.
    const params = this.#attack.params as unknown as ResolvedAttack;
    const { kernel } = this.#attack;
    const attacked = this.#attacked(batch);
    if ('perturb' in kernel) return kernel.perturb(params, budget, attacked);
    if ('first' in kernel) {
      const first = kernel.first(params, budget, attacked);
      fallen.set(first.fallen, batch.indices[0]);
      return first.images;
    }
    const shared = this.#kept(batch, () =>
      'nearest' in kernel ? kernel.nearest(params, attacked) : kernel.offsets(params, attacked),
    );
    const images =
      'nearest' in kernel
        ? whereWithin(batch.images, shared, budget.epsilon, this.#attack.norm)
        : addScaled(batch.images, shared, budget.epsilon);
    shared.dispose();
    return images;
  }

  /** What serves every budget, made once for each batch. @returns the caller's to dispose */
  #kept({ images, indices }: IndexedBatch, make: () => tf.Tensor4D): tf.Tensor4D {
    const key = indices[0]!;
    const known = this.#shared.get(key);
    if (known) return tf.tensor4d(known, images.shape);
    const made = make();
    this.#shared.set(key, made.dataSync<'float32'>());
    return made;
  }

  /** @param kept holds the images when the batches are iterated twice; the caller's to dispose */
  batches(budget: Budget, kept?: BatchCache): Perturbed {
    const fallen = new Uint8Array(this.#source.split.count);
    const facts = { perturbation_max: 0, pixel_min: Infinity, pixel_max: -Infinity };
    const batches: Batches = (use) =>
      eachBatch(this.#source, (batch) => {
        const key = batch.indices[0]!;
        const known = kept?.get(key);
        const images = known ? tf.tensor4d(known, batch.images.shape) : this.#perturb(budget, batch, fallen);
        if (!known) {
          kept?.set(key, images.dataSync<'float32'>());
          observe(facts, images, batch.images, this.#attack.norm);
        }
        use({ images, labels: batch.labels });
        images.dispose();
      });
    return { batches, facts: () => facts, standing: () => this.#standing(budget, fallen) };
  }

  /** Which examples fall to no stage. @param fallen to the first @returns undefined for attacks of one stage */
  async #standing(budget: Budget, fallen: Uint8Array): Promise<Uint8Array | undefined> {
    const { kernel, params } = this.#attack;
    if (!('later' in kernel)) return undefined;
    const stages = kernel.later(params as unknown as ResolvedAttack, budget, this.#source.classes);
    await cascade(stages, this.#source, (batch) => this.#attacked(batch), fallen);
    return fallen.map((fell) => 1 - fell);
  }

  #attacked({ images, labels, indices }: IndexedBatch): AttackedBatch {
    const attack = this.#attack;
    const classifier = this.#classifier;
    const objective = objectiveOf(classifier, attack.loss);
    const { seed, name, image, classes } = this.#source;
    const goals = () => attackGoals(attack, labels, classes);
    const purpose = (what: string): string => `attack/${name}/${what}`;
    return { images, indices, classifier, objective, isTargeted: attack.target !== 'none', goals, seed, purpose, image };
  }
}

/** A split under one attack at one budget. */
interface Perturbed {
  readonly batches: Batches;
  /** Of the batches so far. */
  readonly facts: () => PerturbationFacts;
  /** 1 for each example that stands against all stages, once the batches are made; undefined where images say that. */
  readonly standing: () => Promise<Uint8Array | undefined>;
}

/** Numbers about the perturbation itself, for the report's attack checks. */
export interface PerturbationFacts {
  /** Largest perturbation of an example in the attack's norm (attackNorm), pixel units. */
  readonly perturbation_max: number;
  readonly pixel_min: number;
  readonly pixel_max: number;
}

function observe(
  facts: { -readonly [K in keyof PerturbationFacts]: number },
  images: tf.Tensor4D,
  clean: tf.Tensor4D,
  norm: Norm,
): void {
  const [largest, low, high] = tf.tidy(() => {
    const delta: tf.Tensor4D = tf.sub(images, clean);
    const radius = tf.max(perturbationSize(delta, norm));
    return tf.stack([radius, tf.min(images), tf.max(images)]).dataSync<'float32'>();
  });
  facts.perturbation_max = Math.max(facts.perturbation_max, largest!);
  facts.pixel_min = Math.min(facts.pixel_min, low!);
  facts.pixel_max = Math.max(facts.pixel_max, high!);
}

/** Share of the split's examples at whose clean image the attack's loss has an exactly zero gradient. */
export async function zeroGradients(attack: KnownAttack, classifier: Classifier, source: SplitSource): Promise<number> {
  const objective = objectiveOf(classifier, attack.loss);
  let zeros = 0;
  await eachBatch(source, ({ images, labels }) => {
    const oneHot = attackGoals(attack, labels, source.classes);
    zeros += zeroGradientShare(objective, images, oneHot) * labels.length;
    oneHot.dispose();
  });
  return zeros / source.split.count;
}
