/** The adaptive control: each layer's nearest-class-mean classifier under an attack made against that very classifier. */
import * as tf from '@tensorflow/tfjs-core';
import type { ArchitectureParams } from '@ncsweep/protocol/params';
import type { MetricLine } from '@ncsweep/protocol/tables';
import type { Means } from '@ncsweep/collapse/class-means';
import { argmaxRows, linearLogits } from '@ncsweep/collapse/classifier';
import { NearestMeanObjective, pool } from '../attack/objective.ts';
import type { FrozenNetwork } from '../model/frozen-network.ts';
import { viewKey, viewsOf } from './measure.ts';
import { perturbedBatches, type PerturbationFacts, type Perturbing, type SplitSource } from './perturb.ts';

export interface AdaptiveMeasurement {
  readonly lines: readonly MetricLine[];
  readonly facts: PerturbationFacts;
}

/** @param cleanMeans by viewKey: the heads, and what the attacked features are compared with */
export async function measureAdaptive(
  attack: Perturbing,
  epsilon: number,
  source: SplitSource,
  { network, architecture }: { network: FrozenNetwork; architecture: ArchitectureParams },
  cleanMeans: ReadonlyMap<string, Means>,
): Promise<AdaptiveMeasurement> {
  const lines: MetricLine[] = [];
  let facts: PerturbationFacts = { perturbation_max: 0, pixel_min: Infinity, pixel_max: -Infinity };
  for (const view of viewsOf(architecture)) {
    const { means, classes, dimension } = cleanMeans.get(viewKey(view))!;
    const head = tf.tensor2d(Float32Array.from(means), [classes, dimension]);
    const objective = new NearestMeanObjective(network, view.layer, view.pooling, head);
    head.dispose();
    const perturbed = perturbedBatches(attack, epsilon, objective, source);
    let right = 0;
    await perturbed.batches(({ images, labels }) => {
      const features = tf.tidy(
        () => pool(network.trace(images, view.layer).value, view.pooling).dataSync<'float32'>() as unknown as tf.Tensor,
      ) as unknown as Float32Array;
      const nearest = nearestMeans(features, means, classes, dimension);
      labels.forEach((y, i) => (right += nearest[i] === y ? 1 : 0));
    });
    objective.dispose();
    facts = widest(facts, perturbed.facts());
    const value = right / source.split.count;
    lines.push({ ...view, labels: 'given', metric: 'adaptive_ncc_accuracy', row: -1, col: -1, value });
  }
  return { lines, facts };
}

/** argmin_c ‖h − μ_c‖² = argmax_c 2 h·μ_c − ‖μ_c‖², around the mean of the class means to keep digits. @returns [B] */
function nearestMeans(features: Float32Array, means: Float64Array, classes: number, dimension: number): Int32Array {
  const centre = new Float64Array(dimension);
  means.forEach((v, i) => (centre[i % dimension]! += v / classes));
  const weights = means.map((v, i) => 2 * (v - centre[i % dimension]!));
  const offsets = new Float64Array(classes);
  weights.forEach((v, i) => (offsets[Math.floor(i / dimension)]! -= (v / 2) ** 2));
  const centred = Float64Array.from(features, (v, i) => v - centre[i % dimension]!);
  return argmaxRows(linearLogits(centred, weights, offsets), classes);
}

function widest(a: PerturbationFacts, b: PerturbationFacts): PerturbationFacts {
  return {
    perturbation_max: Math.max(a.perturbation_max, b.perturbation_max),
    pixel_min: Math.min(a.pixel_min, b.pixel_min),
    pixel_max: Math.max(a.pixel_max, b.pixel_max),
  };
}
