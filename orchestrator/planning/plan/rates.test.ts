import { describe, expect, it } from 'vitest';
import { anything, Rates, type Sample } from './rates.ts';

const defaultRate = 0.1;
const cells = (count: number, rate: number, units = 1): Sample[] =>
  Array.from({ length: count }, () => ({ rate, units, isWhole: true }));
const rateOf = (samples: readonly Sample[], workers = 2): number =>
  new Rates(
    new Map([
      ['pgd', samples],
      [anything, samples],
    ]),
    workers,
    defaultRate,
  ).of(['pgd', anything]).seconds.seconds;

describe('the pace of a kind of work', () => {
  it('is the default of the backend before anything ran', () => {
    const { seconds, isLearnt } = new Rates(new Map(), 2, defaultRate).of(['pgd', anything]);
    expect(seconds.seconds).toBe(defaultRate);
    expect(seconds.high / seconds.low).toBeCloseTo(9);
    expect(isLearnt).toBe(false);
  });

  it.each([1, 2, 8])('is not that of the first cells of %i workers, which read data and compile kernels', (workers) => {
    expect(rateOf(cells(workers, 100 * defaultRate), workers)).toBe(defaultRate);
    const afterwards = [...cells(workers, 100 * defaultRate), ...cells(2 * workers, 0.5 * defaultRate)];
    expect(rateOf(afterwards, workers)).toBe(0.5 * defaultRate);
  });

  it('is learnt from a few cells per worker, however little work a cell is', () => {
    for (const units of [1e-6, 1, 1e6]) expect(rateOf(cells(5, 50 * defaultRate, units))).toBe(50 * defaultRate);
  });

  it('is learnt from one cell of much work, even on a machine three times slower than expected', () => {
    expect(rateOf(cells(1, 3 * defaultRate, 60))).toBe(3 * defaultRate);
  });

  it('is at once that of epochs which followed a first one', () => {
    expect(rateOf([{ rate: 7, units: 0.1, isWhole: false }])).toBe(7);
  });

  it('of a kind that has not run is that of the most similar one that has', () => {
    const rates = new Rates(
      new Map([
        ['evaluate', cells(9, 2)],
        [anything, [...cells(9, 2), ...cells(90, 4)]],
      ]),
      2,
      defaultRate,
    );
    expect(rates.of(['fgsm', 'evaluate', anything])).toMatchObject({ seconds: { seconds: 2 }, isLearnt: true });
    expect(rates.of(['snapshot', anything])).toMatchObject({ seconds: { seconds: 4 }, isLearnt: false });
  });
});
