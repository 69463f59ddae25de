import { expect, test } from 'vitest';
import { logLogSlope, ratios, spread } from './statistics.ts';

test('the median of an even number of samples lies between the middle ones', () => {
  expect(spread([4, 1, 10, 2])).toEqual({ median: 3, min: 1, max: 10 });
});

test('ratios pair samples by index, so that a drift that both see cancels', () => {
  expect(ratios([2, 20, 6], [1, 10, 3])).toEqual({ median: 2, min: 2, max: 2 });
});

test('unequal numbers of samples give the ratio of the medians', () => {
  expect(ratios([6], [1, 2, 3])).toEqual({ median: 3, min: 3, max: 3 });
});

test('the slope of y = 5·x^1.5 on log-log axes is 1.5', () => {
  expect(logLogSlope([1, 10, 100].map((x) => [x, 5 * x ** 1.5]))).toBeCloseTo(1.5, 12);
});
