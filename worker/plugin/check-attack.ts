/** What `ncsweep plugin test` asks of an attack in TypeScript. */
import * as tf from '@tensorflow/tfjs-core';
import type { PluginPartOf } from '@ncsweep/catalog/plugins/manifest';
import { productOf } from '@ncsweep/catalog/plugins/part-fields';
import { networkClassifier, objectiveOf, type Classifier } from '../attack/objective.ts';
import { FrozenNetwork } from '../model/frozen-network.ts';
import { disposeWeights } from '../model/weights.ts';
import { perturbedBy } from './plugged-attack.ts';
import type { PluginFunction } from './plugin-functions.ts';
import {
  sampleImage,
  sampleImages,
  sampleIndices,
  sampleLabels,
  sampleNodes,
  sampleSeed,
  sampleValues,
  sampleWeights,
  type Check,
} from './sample.ts';

/** Share of pixels that may differ between batches: rounding turns the sign of gradients that are nearly 0. */
const mostTurned = 0.01;

/** A classifier that counts the gradients taken of it. */
class Counted implements Classifier {
  readonly #classifier: Classifier;
  gradients = 0;

  constructor(classifier: Classifier) {
    this.#classifier = classifier;
  }

  trace(images: tf.Tensor4D): ReturnType<Classifier['trace']> {
    const { logits, pull } = this.#classifier.trace(images);
    const counted = (dLogits: tf.Tensor2D): tf.Tensor4D => {
      this.gradients += 1;
      return pull(dLogits);
    };
    return { logits, pull: counted };
  }
}

/** Perturbs images of the sample. @returns their pixels [B,H,W,C], and how many gradients that took */
type Perturb = (indices: Int32Array, epsilon: number) => { readonly pixels: Float32Array; readonly gradients: number };

function perturbing(part: string, run: PluginFunction, declared: PluginPartOf<'attack'>): Perturb {
  const params = sampleValues(declared);
  const { norm } = declared;
  return (indices, epsilon) =>
    tf.tidy(() => {
      const weights = sampleWeights();
      const network = new FrozenNetwork(sampleNodes, weights);
      const classifier = new Counted(networkClassifier(network));
      const images = sampleImages(indices);
      const named = {
        images,
        indices,
        seed: sampleSeed,
        image: sampleImage,
        purpose: (what: string) => what.replace('plugin/', ''),
      };
      const batch = {
        ...named,
        classifier,
        objective: objectiveOf(classifier),
        isTargeted: false,
        goals: () => sampleLabels(indices),
      };
      const pixels = perturbedBy({ part, norm, params, run }, { epsilon }, batch).dataSync<'float32'>();
      network.dispose();
      disposeWeights(weights);
      return { pixels, gradients: classifier.gradients };
    });
}

const imageSize = sampleImage.reduce<number>((a, b) => a * b, 1);

/** Share of pixels by which these images of the sample are others in this batch. */
function turnedShare(perturb: Perturb, mixed: Int32Array, epsilon: number): number {
  const whole = perturb(sampleIndices, epsilon).pixels;
  const { pixels } = perturb(mixed, epsilon);
  const turned = pixels.filter((value, i) => {
    const of = mixed[Math.floor(i / imageSize)]!;
    return Math.abs(value - whole[of * imageSize + (i % imageSize)]!) > 1e-4;
  });
  return turned.length / pixels.length;
}

/** Radius of the ball in which attacks are tried, in pixel units. */
const budgetOf = ({ norm }: PluginPartOf<'attack'>): number => (norm === 'linf' ? 8 / 255 : 0.5);

/** Budget, batches, repeats and cost. */
export function attackChecks(part: string, run: PluginFunction, declared: PluginPartOf<'attack'>): readonly Check[] {
  const perturb = perturbing(part, run, declared);
  const budget = budgetOf(declared);
  return [
    [
      'images stay within the budget',
      () => {
        for (const epsilon of [0, budget, 4 * budget]) perturb(sampleIndices, epsilon);
        return undefined;
      },
    ],
    [
      'an image does not depend on its batch',
      () => {
        const turned = turnedShare(perturb, Int32Array.of(5, 3, 11), budget);
        return turned <= mostTurned
          ? undefined
          : `${Math.round(turned * 100)}% of the pixels are others when an image is in another batch`;
      },
    ],
    [
      'it repeats itself',
      () => {
        const again = perturb(sampleIndices, budget).pixels;
        const isEqual = perturb(sampleIndices, budget).pixels.every((value, i) => value === again[i]);
        return isEqual ? undefined : 'the second time it returned other images';
      },
    ],
    [
      'it takes no more gradients than declared',
      () => {
        const { gradients } = perturb(sampleIndices, budget);
        const most = productOf(declared.gradients, sampleValues(declared));
        return gradients <= most ? undefined : `it took ${gradients} gradients; gradients says ${most}`;
      },
    ],
  ];
}

/** What an attack makes of the sample, for a comparison with another language: pixels [B,H,W,C]. */
export const attackOutput = (part: string, run: PluginFunction, declared: PluginPartOf<'attack'>): readonly number[] => [
  ...perturbing(part, run, declared)(sampleIndices, budgetOf(declared)).pixels,
];
