import { describe, expect, it } from 'vitest';
import { argmaxRows, linearLogits, OutcomePass } from './classifier.ts';

describe('linear classifier', () => {
  it('computes W h + b and takes the largest, the lowest on ties', () => {
    const logits = linearLogits(Float32Array.of(1, 2, 0, 0), Float64Array.of(1, 0, 0, 1, 1, 1), Float64Array.of(0, 0, -1));
    expect(Array.from(logits)).toEqual([1, 2, 2, 0, 0, -1]);
    expect(Array.from(argmaxRows(logits, 3))).toEqual([1, 0]);
  });
});

describe('OutcomePass', () => {
  it('gives accuracy and the mean of −log softmax', () => {
    const pass = new OutcomePass(2);
    pass.add(Int32Array.of(0, 1), Int32Array.of(0, 0), Float64Array.of(Math.log(3), 0, 0, 0));
    pass.add(Int32Array.of(1), Int32Array.of(1), Float32Array.of(0, 1000));
    expect(pass.finish()).toEqual([
      { metric: 'accuracy', value: 2 / 3 },
      { metric: 'loss', value: expect.closeTo((Math.log(4 / 3) + Math.log(2)) / 3, 12) as number },
    ]);
  });

  it('has no loss without logits, and nothing without samples', () => {
    const pass = new OutcomePass(2);
    expect(pass.finish()).toEqual([]);
    pass.add(Int32Array.of(0), Int32Array.of(1));
    expect(pass.finish()).toEqual([{ metric: 'accuracy', value: 0 }]);
  });
});
