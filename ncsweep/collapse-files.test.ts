import { metricsInFeatureUnits } from '@ncsweep/collapse/measure';
import { furtherMeasures, metricDictionary } from '@ncsweep/catalog/metrics';
import { expect, it } from 'vitest';

it('the metrics that scale with features are those whose unit the dictionary says is that of features', () => {
  const scaled = Object.entries(metricDictionary).filter(([, { unit }]) => unit === 'feature units');
  expect(scaled.map(([name]) => name)).toEqual([...metricsInFeatureUnits, ...furtherMeasures.inFeatureUnits]);
});
