import { expect, it } from 'vitest';
import type { CollapseArrays } from './arrays.ts';
import { measureArrays } from './measure.ts';
import type { StartMeasure } from './view-measure.ts';

const largeFeatures = Float64Array.of(1e200, 3e200, -1e200, -3e200);
const arrays: CollapseArrays = {
  classes: 2,
  samples: 4,
  dimension: 1,
  labels: Int32Array.of(0, 0, 1, 1),
  clean: { features: { title: 'features', rows: (from, to) => largeFeatures.subarray(from, to) }, predictions: undefined },
  perturbed: undefined,
  weights: undefined,
  bias: undefined,
  called: (array) => array,
};

/** The largest feature, and the share of positive features. */
const largestAndShare: StartMeasure = () => {
  let [largest, positive, samples] = [0, 0, 0];
  return {
    add: (features) => {
      for (const feature of features) {
        largest = Math.max(largest, feature);
        positive += feature > 0 ? 1 : 0;
        samples += 1;
      }
    },
    finish: () => [
      { metric: 'largest_feature', value: largest },
      { metric: 'positive_share', value: positive / samples },
    ],
  };
};

it('further measures stand beside the others, those in feature units in the unit of the given features', () => {
  const { clean } = measureArrays(arrays, { starts: [largestAndShare], inFeatureUnits: ['largest_feature'] });
  expect(clean).toMatchObject({ largest_feature: 3e200, positive_share: 0.5, nc1: expect.any(Number) as number });
});
