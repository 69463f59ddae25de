/** The adaptive control: each layer's nearest-class-mean classifier under an attack on that same classifier. */
import * as tf from '@tensorflow/tfjs-core';
import type { ArchitectureParams } from '@ncsweep/catalog/architectures';
import { headOf } from '@ncsweep/catalog/cell-arrays';
import { originOf, viewKey, type View } from '@ncsweep/catalog/views';
import type { Means } from '@ncsweep/collapse/class-means';
import { argmaxRows } from '@ncsweep/collapse/classifier';
import type { MetricLine } from '@ncsweep/protocol/tables';
import { NearestMeanClassifier, pool } from '../attack/objective.ts';
import type { FrozenNetwork } from '../model/frozen-network.ts';
import type { Perturbing } from '@ncsweep/catalog/attacks';
import type { Through } from './array-folder.ts';
import type { Batches, FeatureBatches } from './measure.ts';
import { Perturber, type PerturbationFacts, type SplitSource } from './perturb.ts';

export interface AdaptiveMeasurement {
  readonly lines: readonly MetricLine[];
  readonly facts: PerturbationFacts;
}

export interface AdaptiveOptions {
  readonly network: FrozenNetwork;
  readonly architecture: ArchitectureParams;
  readonly views: readonly View[];
  /** By viewKey: the heads' means, with which the attacked features are also compared. */
  readonly cleanMeans: ReadonlyMap<string, Means>;
  readonly through: Through;
}

export async function measureAdaptive(
  attack: Perturbing,
  epsilon: number,
  source: SplitSource,
  { network, architecture, views, cleanMeans, through }: AdaptiveOptions,
): Promise<AdaptiveMeasurement> {
  const accuracies = new Map<View, number>();
  let facts: PerturbationFacts = { perturbation_max: 0, pixel_min: Infinity, pixel_max: -Infinity };
  const attackHead = async (head: View): Promise<number> => {
    const { layer, pooling } = originOf(head, architecture);
    const classifier = new NearestMeanClassifier(network, layer, pooling, cleanMeans.get(viewKey({ layer, pooling }))!);
    const perturbed = new Perturber(attack, classifier, source).batches(epsilon);
    const features = (images: Batches): FeatureBatches => headFeatures(images, network, classifier, { layer, pooling });
    const alike = views.filter((view) => headOf(view, views, architecture) === head);
    const batches = await through(perturbed.batches, features, alike, head);
    let right = 0;
    await batches(({ labels, predictions }) => labels.forEach((y, i) => (right += predictions[i] === y ? 1 : 0)));
    classifier.dispose();
    facts = widest(facts, perturbed.facts());
    return right / source.split.count;
  };
  const lines: MetricLine[] = [];
  for (const view of views) {
    const head = headOf(view, views, architecture);
    const value = accuracies.get(head) ?? (await attackHead(head));
    accuracies.set(head, value);
    lines.push({ ...view, labels: 'given', metric: 'adaptive_ncc_accuracy', row: -1, col: -1, value });
  }
  return { lines, facts };
}

/** What a head computes from images: its logits, and the features behind them, whichever view is requested. */
const headFeatures =
  (batches: Batches, network: FrozenNetwork, classifier: NearestMeanClassifier, { layer, pooling }: View): FeatureBatches =>
  (use) =>
    batches(({ images, labels }) =>
      tf.tidy(() => {
        const logits = classifier.trace(images).logits.dataSync<'float32'>();
        const features = (): Float32Array => pool(network.trace(images, layer).value, pooling).dataSync<'float32'>();
        use({ labels, logits, predictions: argmaxRows(logits, logits.length / labels.length), features });
      }),
    );

function widest(a: PerturbationFacts, b: PerturbationFacts): PerturbationFacts {
  return {
    perturbation_max: Math.max(a.perturbation_max, b.perturbation_max),
    pixel_min: Math.min(a.pixel_min, b.pixel_min),
    pixel_max: Math.max(a.pixel_max, b.pixel_max),
  };
}
