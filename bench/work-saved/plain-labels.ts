import type { FeatureOptions } from '@ncsweep/worker/evaluate/measure';

/** The label conventions of examples without side labels or targets. */
export const plainLabels = (classes: number): FeatureOptions['conventions'] => [
  { name: 'given', from: 'labels', classes },
  { name: 'predicted', from: 'predictions', classes },
];
