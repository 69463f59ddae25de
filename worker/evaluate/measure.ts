/**
 * Measures a network on batches of (perturbed) images: every layer × pooling × label convention from one forward pass, in two streaming
 * passes; never more features in memory than one batch's. The features come from the network, or from files that hold what came from it.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { ArchitectureParams } from '@ncsweep/catalog/architectures';
import type { AttackParams } from '@ncsweep/catalog/attacks';
import { furtherMeasures } from '@ncsweep/catalog/metrics';
import { labelsUnder, type LabelConvention } from '@ncsweep/catalog/labels';
import { viewKey, viewsOf, type View } from '@ncsweep/catalog/views';
import { targetsOf } from '../attack/goals.ts';
import type { MetricLine } from '@ncsweep/protocol/tables';
import { MeansPass, type ClassMeans, type Means } from '@ncsweep/collapse/class-means';
import { argmaxRows, OutcomePass } from '@ncsweep/collapse/classifier';
import { MetricsPass } from '@ncsweep/collapse/metrics-pass';
import type { MetricRecord } from '@ncsweep/collapse/metric-record';
import { pool } from '../attack/objective.ts';
import type { FrozenNetwork } from '../model/frozen-network.ts';

export interface Batch {
  /** [B,H,W,C], disposed by whoever made it */
  readonly images: tf.Tensor4D;
  /** [B] */
  readonly labels: Int32Array;
}

/** Calls back with each batch, in the same order each time. */
export type Batches = (use: (batch: Batch) => void) => Promise<void>;

/** What the network makes of a batch. */
export interface FeatureBatch {
  /** [B] */
  readonly labels: Int32Array;
  /** [B,K] */
  readonly logits: Float32Array;
  /** [B] */
  readonly predictions: Int32Array;
  /** [B,d], read when it is asked for. */
  readonly features: (view: View) => Float32Array;
}

/** Calls back with each batch, in the same order each time. */
export type FeatureBatches = (use: (batch: FeatureBatch) => void) => Promise<void>;

export interface FeatureOptions {
  readonly architecture: ArchitectureParams;
  readonly classes: number;
  /** Weights of the classifier [K,d], for the last layer. */
  readonly classifier: Float64Array;
  /** By viewKey; absent when these images are the clean ones. */
  readonly cleanMeans?: ReadonlyMap<string, Means>;
  /** That made the images; `none` for the clean ones. */
  readonly attack: AttackParams;
  /** Default: every layer under every pooling. */
  readonly views?: readonly View[];
}

interface MeasureOptions extends FeatureOptions {
  readonly network: FrozenNetwork;
}

export interface Measurement {
  readonly lines: readonly MetricLine[];
  /** Class means by given labels, by viewKey. */
  readonly means: ReadonlyMap<string, ClassMeans>;
  readonly accuracy: number;
  readonly loss: number;
}

interface Group {
  readonly view: View;
  readonly convention: LabelConvention;
}

export const measure = (batches: Batches, options: MeasureOptions): Promise<Measurement> =>
  measureFeatures(networkFeatures(batches, options.network), options);

export async function measureFeatures(batches: FeatureBatches, options: FeatureOptions): Promise<Measurement> {
  const { classes, cleanMeans } = options;
  const conventions = labelsUnder(options.attack);
  const all = viewsOf(options.architecture);
  const views = options.views ?? all;
  const groups: readonly Group[] = views.flatMap((view) => conventions.map((convention) => ({ view, convention })));

  const outcome = new OutcomePass(classes);
  const meansPasses = new Map<Group, MeansPass>();
  await batches(({ labels, predictions, logits, features }) => {
    for (const view of views) {
      const values = features(view);
      for (const group of groups.filter((each) => each.view === view)) {
        const pass = meansPasses.get(group) ?? new MeansPass(classes, values.length / labels.length);
        meansPasses.set(group, pass);
        pass.add(values, labelsBy[group.convention](labels, predictions, options));
      }
    }
    outcome.add(labels, predictions, logits);
  });
  const means = new Map([...meansPasses].map(([group, pass]) => [group, pass.finish()]));
  const given = new Map(groups.filter((g) => g.convention === 'given').map((g) => [viewKey(g.view), means.get(g)!]));

  const network = outcome.finish();
  const valueOf = (name: string): number => network.find(({ metric }) => metric === name)!.value;
  const allRight = valueOf('accuracy') === 1;
  // Where every prediction is right, grouping by predictions is grouping by labels: measured once.
  const measured = allRight ? groups.filter((g) => g.convention !== 'predicted') : groups;
  const last = viewKey(all.at(-1)!);
  const metricsPasses = new Map(
    measured.map((group) => {
      const ownMeans = means.get(group)!;
      const clean = (cleanMeans ?? given).get(viewKey(group.view))!;
      const weights = viewKey(group.view) === last ? { weights: options.classifier } : {};
      return [group, new MetricsPass({ ownMeans, cleanMeans: clean, ...weights, further: furtherMeasures.starts })];
    }),
  );
  await batches(({ labels, predictions, features }) => {
    for (const view of views) {
      const values = features(view);
      for (const [group, pass] of metricsPasses) {
        if (group.view !== view) continue;
        pass.add(values, labelsBy[group.convention](labels, predictions, options), predictions);
      }
    }
  });

  const lines = [...linesOf('', '', '', network)];
  for (const [{ view, convention }, pass] of metricsPasses) {
    const records = pass.finish();
    lines.push(...linesOf(view.layer, view.pooling, convention, records));
    if (allRight && convention === 'given') lines.push(...linesOf(view.layer, view.pooling, 'predicted', records));
  }
  return { lines, means: given, accuracy: valueOf('accuracy'), loss: valueOf('loss') };
}

export function* linesOf(
  layer: string,
  pooling: string,
  labels: string,
  records: readonly MetricRecord[],
): Generator<MetricLine> {
  for (const { metric, row, col, value } of records)
    yield { layer, pooling, labels, metric, row: row ?? -1, col: col ?? -1, value };
}

type Labels = (given: Int32Array, predictions: Int32Array, options: Pick<MeasureOptions, 'classes' | 'attack'>) => Int32Array;

/** Labels of a batch [B] by each convention that exists under the attack. */
const labelsBy: Readonly<Record<LabelConvention, Labels>> = {
  given: (given) => given,
  predicted: (_given, predictions) => predictions,
  target: (given, _predictions, { attack, classes }) =>
    (attack.kind === 'none' ? undefined : targetsOf(attack, given, classes)) ?? given,
};

/**
 * One forward pass a batch. Features are read back to memory one view after another: those of one still lie in the CPU's cache when its last
 * group uses them.
 */
export const networkFeatures =
  (batches: Batches, network: FrozenNetwork): FeatureBatches =>
  (use) =>
    batches(({ images, labels }) =>
      tf.tidy(() => {
        const traced = network.features(images);
        const logits = read(traced.logits);
        const predictions = argmaxRows(logits, logits.length / labels.length);
        const features = ({ layer, pooling }: View): Float32Array => read(pool(traced.layers.get(layer)!, pooling));
        use({ labels, logits, predictions, features });
      }),
    );

const read = (tensor: tf.Tensor): Float32Array => tensor.dataSync<'float32'>();
