/** Further measures of a layer's features, beside those of this package. Each sees every batch of the second pass. */
import type { ClassMeans, Means } from './class-means.ts';
import type { Features } from './features.ts';
import type { MetricRecord } from './metric-record.ts';

/** What is known before the second pass begins. */
export interface ViewFacts {
  /** Means of exactly the data and labels that the pass will see. */
  readonly ownMeans: ClassMeans;
  /** Means of the clean data; `ownMeans` itself when the evaluated data are clean. Without it, metrics that need them are left out. */
  readonly cleanMeans?: Means;
  /** Weights of the linear classifier on these features [K, d]; only for the last layer. */
  readonly weights?: Float64Array;
  /** Classes that are compared with the others, as a minority of them. */
  readonly minority?: readonly number[];
}

export interface ViewMeasure {
  /** @param features [B, d] @param labels [B] @param predictions of the network [B] */
  add(features: Features, labels: Int32Array, predictions?: Int32Array): void;
  /** Leaves out what is undefined; never emits NaN or infinity. */
  finish(): readonly MetricRecord[];
}

export type StartMeasure = (facts: ViewFacts) => ViewMeasure;
