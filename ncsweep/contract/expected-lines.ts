/** The metric lines that features imply, computed by the package `collapse`. */
import { viewKey, type View } from '@ncsweep/catalog/views';
import { furtherMeasures } from '@ncsweep/catalog/metrics';
import { MeansPass, type ClassMeans, type Means } from '@ncsweep/collapse/class-means';
import { argmaxRows, OutcomePass } from '@ncsweep/collapse/classifier';
import type { MetricRecord } from '@ncsweep/collapse/metric-record';
import { MetricsPass } from '@ncsweep/collapse/metrics-pass';
import type { Evaluation } from '@ncsweep/protocol/compute/task-document';
import type { MetricLine } from '@ncsweep/protocol/tables';

export interface MeasuredArrays {
  /** [N] */
  readonly labels: Int32Array;
  /** [N,K] */
  readonly logits: Float64Array;
  /** [N,d] */
  readonly features: (view: View) => Float64Array;
  /** [N] */
  readonly sideLabels: (name: string) => Int32Array;
  /** [K,d] */
  readonly classifier: Float64Array;
  /** Key of the view that the classifier sees. */
  readonly last: string;
  /** [K,d] by view; undefined for clean images. */
  readonly cleanMeans: ReadonlyMap<string, Float64Array> | undefined;
}

type Convention = Evaluation['labels'][number];

function meansOf(features: Float64Array, labels: Int32Array, classes: number): ClassMeans {
  const pass = new MeansPass(classes, features.length / labels.length);
  pass.add(features, labels);
  return pass.finish();
}

export function expectedLines(evaluation: Evaluation, arrays: MeasuredArrays): readonly MetricLine[] {
  const { labels, logits } = arrays;
  const classes = logits.length / labels.length;
  const predictions = argmaxRows(logits, classes);
  const outcome = new OutcomePass(classes);
  outcome.add(labels, predictions, logits);
  const labelsBy: Readonly<Record<Convention['from'], (name: string) => Int32Array>> = {
    labels: () => labels,
    predictions: () => predictions,
    targets: () => labels.map((label) => (label + 1) % classes),
    sideLabels: arrays.sideLabels,
  };
  const measured = evaluation.views.flatMap((view) =>
    evaluation.labels.flatMap((convention) =>
      linesOf(
        view,
        convention.name,
        recordsOf(view, convention, labelsBy[convention.from](convention.name), predictions, {
          ...arrays,
          minority: evaluation.minority,
        }),
      ),
    ),
  );
  return [...linesOf({ layer: '', pooling: '' }, '', outcome.finish()), ...measured];
}

function recordsOf(
  view: View,
  { from, classes }: Convention,
  labels: Int32Array,
  predictions: Int32Array,
  { features, labels: given, cleanMeans, classifier, last, minority }: MeasuredArrays & Pick<Evaluation, 'minority'>,
): readonly MetricRecord[] {
  const values = features(view);
  const dimension = values.length / labels.length;
  const ownMeans = meansOf(values, labels, classes);
  const key = viewKey(view);
  const reference = (): Means => {
    const stored = cleanMeans?.get(key);
    if (stored) return { classes, dimension, means: stored };
    return from === 'labels' ? ownMeans : meansOf(values, given, classes);
  };
  const isSide = from === 'sideLabels';
  const facts = isSide
    ? cleanMeans === undefined
      ? { cleanMeans: ownMeans }
      : {}
    : { cleanMeans: reference(), ...(minority && { minority }), ...(key === last ? { weights: classifier } : {}) };
  const pass = new MetricsPass({ ownMeans, ...facts, further: furtherMeasures.starts });
  pass.add(values, labels, isSide ? undefined : predictions);
  return pass.finish();
}

const linesOf = (
  { layer, pooling }: { readonly layer: string; readonly pooling: string },
  labels: string,
  records: readonly MetricRecord[],
): MetricLine[] =>
  records.map(({ metric, row, col, value }) => ({ layer, pooling, labels, metric, row: row ?? -1, col: col ?? -1, value }));
