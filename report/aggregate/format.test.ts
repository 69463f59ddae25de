import { describe, expect, it } from 'vitest';
import { formatContrast, formatLevel, formatNumber } from './format.ts';
import { intervalOf, toScale, type Scale } from './interval.ts';

const intervalOn = (values: readonly number[], scale: Scale) =>
  intervalOf(
    values.map((v) => toScale(v, scale)),
    scale,
    { confidence: 0.95 },
  );

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
    expect(formatContrast({ ...intervalOn([0.7, 0.8], 'linear')!, bounds: [0.7, 0.8] }, '')).toBe('+.75 [.70, .80]');
    expect(formatContrast({ ...intervalOn([-13.2], 'linear')!, bounds: [-14.2, -12.2] }, '°')).toBe('−13.2° [−14.2, −12.2]');
    expect(formatContrast({ ...intervalOn([125], 'log')!, bounds: [24, 655] }, '')).toBe('×125 [24, 655]');
    expect(formatContrast(intervalOn([0.5], 'linear')!, '')).toBe('+.50');
  });

  it('shows on which side of zero a bound lies', () => {
    const barely = { ...intervalOn([0.018], 'linear')!, bounds: [0.0004, 0.0356] } as const;
    expect(formatContrast(barely, '')).toBe('+.0180 [.0004, .0356]');
  });
});

describe('formatLevel', () => {
  it('has no sign', () => expect(formatLevel(intervalOn([0.98, 0.98], 'linear')!)).toBe('.98 [.98, .98]'));
});
