/** The adaptive control: each layer's nearest-class-mean classifier under an attack on that same classifier. */
import * as tf from '@tensorflow/tfjs-core';
import { viewKey, type View } from '@ncsweep/catalog/views';
import type { Means } from '@ncsweep/collapse/class-means';
import { argmaxRows } from '@ncsweep/collapse/classifier';
import type { Evaluation } from '@ncsweep/protocol/compute/task-document';
import type { MetricLine } from '@ncsweep/protocol/tables';
import { NearestMeanClassifier, pool } from '../attack/objective.ts';
import type { FrozenNetwork } from '../model/frozen-network.ts';
import type { Budget } from '../attack/attack-kernel.ts';
import type { KnownAttack } from '../attack/read-attack.ts';
import type { Through } from './array-folder.ts';
import type { Batches, FeatureBatches } from './measure.ts';
import { Perturber, zeroGradients, type PerturbationFacts } from './perturb.ts';
import type { SplitSource } from './split-source.ts';

export interface AdaptiveMeasurement {
  readonly lines: readonly MetricLine[];
  readonly facts: PerturbationFacts;
  /** The largest of any head. */
  readonly zeroGradientShare: number;
}

export interface AdaptiveOptions {
  readonly network: FrozenNetwork;
  readonly views: readonly HeadedView[];
  /** By viewKey: the heads' means, with which the attacked features are also compared. */
  readonly cleanMeans: ReadonlyMap<string, Means>;
  readonly through: Through;
  /** Shares of zero gradients by head. They are taken at the clean images, so those of one budget serve all. */
  readonly zeroShares: Map<string, number>;
}

/** A view with the views that share its features. */
type HeadedView = Evaluation['views'][number];

export async function measureAdaptive(
  attack: KnownAttack,
  budget: Budget,
  source: SplitSource,
  { network, views, cleanMeans, through, zeroShares }: AdaptiveOptions,
): Promise<AdaptiveMeasurement> {
  const accuracies = new Map<string, number>();
  const byKey = new Map(views.map((view) => [viewKey(view), view]));
  let facts: PerturbationFacts = { perturbation_max: 0, pixel_min: Infinity, pixel_max: -Infinity };
  const attackHead = async (key: string): Promise<number> => {
    const head = byKey.get(key)!;
    const { layer, pooling } = head;
    const classifier = new NearestMeanClassifier(network, layer, pooling, cleanMeans.get(head.origin)!);
    if (!zeroShares.has(key)) zeroShares.set(key, await zeroGradients(attack, classifier, source));
    const perturbed = new Perturber(attack, classifier, source).batches(budget);
    const features = (images: Batches): FeatureBatches => headFeatures(images, network, classifier, { layer, pooling });
    const alike = views.filter((view) => view.head === key);
    const batches = await through(perturbed.batches, features, alike, head);
    let right = 0;
    await batches(({ labels, predictions }) => labels.forEach((y, i) => (right += predictions[i] === y ? 1 : 0)));
    classifier.dispose();
    facts = widest(facts, perturbed.facts());
    return right / source.split.count;
  };
  const lines: MetricLine[] = [];
  for (const view of views) {
    const { layer, pooling, head } = view;
    const value = accuracies.get(head) ?? (await attackHead(head));
    accuracies.set(head, value);
    lines.push({ layer, pooling, labels: 'given', metric: 'adaptive_ncc_accuracy', row: -1, col: -1, value });
  }
  return { lines, facts, zeroGradientShare: Math.max(...zeroShares.values()) };
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
