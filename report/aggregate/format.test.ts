import { describe, expect, it } from 'vitest';
import { formatContrast, formatLevel, formatNumber } from './format.ts';
import { summarise } from './interval.ts';

describe('formatNumber', () => {
  it.each([
    [125.4, '125'],
    [0.0731, '.0731'],
    [-13.25, '−13.3'],
    [14266, '14,300'],
    [0.000032, '3.20e−5'],
    [0.00055, '.000550'],
    [0, '0'],
    [Number.NaN, 'not a number'],
  ])('%d reads %s', (value, text) => expect(formatNumber(value)).toBe(text));
});

describe('formatContrast', () => {
  it('writes differences with a sign, ratios with a cross, one seed without brackets', () => {
    expect(formatContrast({ ...summarise([0.7, 0.8], 'linear', 0.95)!, bounds: [0.7, 0.8] }, '')).toBe('+.75 [.70, .80]');
    expect(formatContrast({ ...summarise([-13.2], 'linear', 0.95)!, bounds: [-14.2, -12.2] }, '°')).toBe('−13.2° [−14.2, −12.2]');
    expect(formatContrast({ ...summarise([125], 'log', 0.95)!, bounds: [24, 655] }, '')).toBe('×125 [24, 655]');
    expect(formatContrast(summarise([0.5], 'linear', 0.95)!, '')).toBe('+.50');
  });
});

describe('formatLevel', () => {
  it('has no sign', () => expect(formatLevel(summarise([0.98, 0.98], 'linear', 0.95)!)).toBe('.98 [.98, .98]'));
});
