/**
 * Measures a network on batches of (perturbed) images: every layer × pooling × label convention from one forward pass, in two streaming
 * passes. Memory never holds the features of more than one batch. They come from the network, or from files that hold its output.
 */
import * as tf from '@tensorflow/tfjs-core';
import { furtherMeasures } from '@ncsweep/catalog/metrics';
import type { SideLabel } from '@ncsweep/catalog/side-labels';
import { viewKey, type View } from '@ncsweep/catalog/views';
import type { Evaluation } from '@ncsweep/protocol/compute/task-document';
import { targetsOf } from '../attack/goals.ts';
import type { MetricLine } from '@ncsweep/protocol/tables';
import { MeansPass, type ClassMeans, type Means } from '@ncsweep/collapse/class-means';
import { argmaxRows, OutcomePass } from '@ncsweep/collapse/classifier';
import { MetricsPass } from '@ncsweep/collapse/metrics-pass';
import type { MetricRecord } from '@ncsweep/collapse/metric-record';
import type { ViewFacts } from '@ncsweep/collapse/view-measure';
import { pool } from '../attack/objective.ts';
import type { SideLabels } from '../data/dataset.ts';
import type { FrozenNetwork } from '../model/frozen-network.ts';

export interface Batch {
  /** [B,H,W,C], disposed by its creator */
  readonly images: tf.Tensor4D;
  /** [B] */
  readonly labels: Int32Array;
}

/** Calls back with each batch, in the same order each time. */
export type Batches = (use: (batch: Batch) => void) => Promise<void>;

/** What the network computes from a batch. */
export interface FeatureBatch {
  /** [B] */
  readonly labels: Int32Array;
  /** [B,K] */
  readonly logits: Float32Array;
  /** [B] */
  readonly predictions: Int32Array;
  /** [B,d], read on request. */
  readonly features: (view: View) => Float32Array;
}

/** Calls back with each batch, in the same order each time. */
export type FeatureBatches = (use: (batch: FeatureBatch) => void) => Promise<void>;

export interface FeatureOptions {
  /** To measure, in depth order. */
  readonly views: readonly View[];
  /** Key of the view that the linear classifier sees. */
  readonly last: string;
  /** Conventions under which each view is measured. */
  readonly conventions: readonly MeasuredLabels[];
  readonly classes: number;
  /** Labels of all examples, in the order of the batches; default: none. */
  readonly sideLabels?: SideLabels;
  /** Classes that are compared with the others; default: none. */
  readonly minority?: readonly number[];
  /** Weights of the classifier [K,d], for the last layer. */
  readonly classifier: Float64Array;
  /** By viewKey; absent when these images are the clean ones. */
  readonly cleanMeans?: ReadonlyMap<string, Means>;
}

type MeasuredLabels = Evaluation['labels'][number];

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
  readonly convention: MeasuredLabels;
  /** Whether these are labels beside the class. */
  readonly isSide: boolean;
}

const groupsOf = ({ views, conventions }: FeatureOptions): readonly Group[] =>
  views.flatMap((view) => conventions.map((convention) => ({ view, convention, isSide: convention.from === 'sideLabels' })));

/** The parts of a batch from which labels are made. */
interface Labelled {
  readonly labels: Int32Array;
  readonly predictions: Int32Array;
  /** Position of its first example in the split. */
  readonly from: number;
}

type PlacedBatch = FeatureBatch & Labelled;
type PlacedBatches = (use: (batch: PlacedBatch) => void) => Promise<void>;

/** Batches with their positions; they come in the order of the split. */
const placed =
  (batches: FeatureBatches): PlacedBatches =>
  async (use) => {
    let from = 0;
    await batches((batch) => {
      use({ ...batch, from });
      from += batch.labels.length;
    });
  };

export const measure = (batches: Batches, options: MeasureOptions): Promise<Measurement> =>
  measureFeatures(networkFeatures(batches, options.network), options);

export async function measureFeatures(features: FeatureBatches, options: FeatureOptions): Promise<Measurement> {
  const batches = placed(features);
  const groups = groupsOf(options);
  const { means, network } = await meansOf(batches, groups, options);
  const given = new Map(groups.filter((g) => g.convention.from === 'labels').map((g) => [viewKey(g.view), means.get(g)!]));

  const valueOf = (name: string): number => network.find(({ metric }) => metric === name)!.value;
  const allRight = valueOf('accuracy') === 1;
  // If every prediction is right, grouping by predictions equals grouping by labels and is not measured again.
  const measured = allRight ? groups.filter((g) => g.convention.from !== 'predictions') : groups;
  const passes = metricsPasses(measured, means, given, options);
  await eachGroup(batches, measured, options, (group, values, labels, { predictions }) => {
    passes.get(group)!.add(values, labels, group.isSide ? undefined : predictions);
  });

  const lines = [...linesOf('', '', '', network)];
  const predicted = options.conventions.filter(({ from }) => from === 'predictions');
  for (const [{ view, convention }, pass] of passes) {
    const records = pass.finish();
    lines.push(...linesOf(view.layer, view.pooling, convention.name, records));
    if (allRight && convention.from === 'labels')
      for (const { name } of predicted) lines.push(...linesOf(view.layer, view.pooling, name, records));
  }
  return { lines, means: given, accuracy: valueOf('accuracy'), loss: valueOf('loss') };
}

/** Calls back with the features [B·d] and labels [B] of each batch in each group; the features of a view are read once for all its groups. */
const eachGroup = (
  batches: PlacedBatches,
  groups: readonly Group[],
  options: FeatureOptions,
  use: (group: Group, values: Float32Array, labels: Int32Array, batch: PlacedBatch) => void,
  after?: (batch: PlacedBatch) => void,
): Promise<void> =>
  batches((batch) => {
    for (const view of options.views) {
      const values = batch.features(view);
      for (const group of groups) {
        if (group.view !== view) continue;
        use(group, values, labelsBy[group.convention.from](batch, options, group.convention.name), batch);
      }
    }
    after?.(batch);
  });

/** The first pass: class means of every group, and what the network's outputs say. */
async function meansOf(batches: PlacedBatches, groups: readonly Group[], options: FeatureOptions) {
  const outcome = new OutcomePass(options.classes);
  const passes = new Map<Group, MeansPass>();
  await eachGroup(
    batches,
    groups,
    options,
    (group, values, labels) => {
      const pass = passes.get(group) ?? new MeansPass(group.convention.classes, values.length / labels.length);
      passes.set(group, pass);
      pass.add(values, labels);
    },
    ({ labels, predictions, logits }) => outcome.add(labels, predictions, logits),
  );
  const means: ReadonlyMap<Group, ClassMeans> = new Map([...passes].map(([group, pass]) => [group, pass.finish()]));
  return { means, network: outcome.finish() };
}

/** The second pass, not yet begun. @param given class means by given labels, by viewKey */
function metricsPasses(
  groups: readonly Group[],
  means: ReadonlyMap<Group, ClassMeans>,
  given: ReadonlyMap<string, ClassMeans>,
  { cleanMeans, last, classifier, minority }: FeatureOptions,
): ReadonlyMap<Group, MetricsPass> {
  /** The network knows nothing about side labels, and only the clean evaluation knows their clean means. */
  const beside = (group: Group): Partial<ViewFacts> => {
    if (group.isSide) return cleanMeans === undefined ? { cleanMeans: means.get(group)! } : {};
    const clean = (cleanMeans ?? given).get(viewKey(group.view))!;
    return {
      cleanMeans: clean,
      ...(minority && { minority }),
      ...(viewKey(group.view) === last && { weights: classifier }),
    };
  };
  return new Map(
    groups.map((group) => [
      group,
      new MetricsPass({ ownMeans: means.get(group)!, ...beside(group), further: furtherMeasures.starts }),
    ]),
  );
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

type Labels = (batch: Labelled, options: Pick<FeatureOptions, 'classes' | 'sideLabels'>, name: string) => Int32Array;

/** Labels of a batch [B] by their origin. */
const labelsBy: Readonly<Record<MeasuredLabels['from'], Labels>> = {
  labels: ({ labels }) => labels,
  predictions: ({ predictions }) => predictions,
  targets: ({ labels }, { classes }) => targetsOf('next-class', labels, classes) ?? labels,
  sideLabels: ({ labels, from }, { sideLabels = {} }, name) =>
    sideLabels[name as SideLabel]!.subarray(from, from + labels.length),
};

/**
 * One forward pass per batch. Features are read back to memory one view after another, so that those of one view are still in the CPU's
 * cache when its last group uses them.
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
