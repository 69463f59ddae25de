/** The adaptive control: each layer's nearest-class-mean classifier under an attack made against that very classifier. */
import * as tf from '@tensorflow/tfjs-core';
import type { ArchitectureParams } from '@ncsweep/catalog/architectures';
import type { MetricLine } from '@ncsweep/protocol/tables';
import type { Means } from '@ncsweep/collapse/class-means';
import { NearestMeanObjective } from '../attack/objective.ts';
import type { FrozenNetwork } from '../model/frozen-network.ts';
import { originOf, viewKey, viewsOf, type View } from './measure.ts';
import type { Perturbing } from '@ncsweep/catalog/attacks';
import { Perturber, type PerturbationFacts, type SplitSource } from './perturb.ts';

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
  const accuracies = new Map<string, number>();
  let facts: PerturbationFacts = { perturbation_max: 0, pixel_min: Infinity, pixel_max: -Infinity };
  const attackHead = async ({ layer, pooling }: View): Promise<number> => {
    const objective = new NearestMeanObjective(network, layer, pooling, cleanMeans.get(viewKey({ layer, pooling }))!);
    const perturbed = new Perturber(attack, objective, source).batches(epsilon);
    let right = 0;
    await perturbed.batches(({ images, labels }) => {
      const nearest = tf.tidy(() => tf.argMax(objective.logits(images), 1).dataSync());
      labels.forEach((y, i) => (right += nearest[i] === y ? 1 : 0));
    });
    objective.dispose();
    facts = widest(facts, perturbed.facts());
    return right / source.split.count;
  };
  const lines: MetricLine[] = [];
  for (const view of viewsOf(architecture)) {
    const key = viewKey(originOf(view, architecture));
    const value = accuracies.get(key) ?? (await attackHead(view));
    accuracies.set(key, value);
    lines.push({ ...view, labels: 'given', metric: 'adaptive_ncc_accuracy', row: -1, col: -1, value });
  }
  return { lines, facts };
}

function widest(a: PerturbationFacts, b: PerturbationFacts): PerturbationFacts {
  return {
    perturbation_max: Math.max(a.perturbation_max, b.perturbation_max),
    pixel_min: Math.min(a.pixel_min, b.pixel_min),
    pixel_max: Math.max(a.pixel_max, b.pixel_max),
  };
}
