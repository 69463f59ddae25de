/** Measures of a layer's features beside those of this package: each sees every batch of the second pass. */
import type { ClassMeans, Means } from './class-means.ts';
import type { Features } from './features.ts';
import type { MetricRecord } from './metric-record.ts';

/** What a second pass knows before it begins. */
export interface ViewFacts {
  /** Of the very data and labels that the pass will see. */
  readonly ownMeans: ClassMeans;
  /** Of the clean data; `ownMeans` itself when the evaluated data are the clean ones. Absent: no metric that needs them. */
  readonly cleanMeans?: Means;
  /** Of the linear classifier on these features [K, d]; only for the last layer. */
  readonly weights?: Float64Array;
}

export interface ViewMeasure {
  /** @param features [B, d] @param labels [B] @param predictions of the network [B] */
  add(features: Features, labels: Int32Array, predictions?: Int32Array): void;
  /** Nothing for what is not defined here: neither NaN nor infinity. */
  finish(): readonly MetricRecord[];
}

export type StartMeasure = (facts: ViewFacts) => ViewMeasure;
