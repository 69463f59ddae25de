import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { fillNormal, randomKey } from '../random.ts';
import { channelSum, filterGradient } from './convolution.ts';
import { openTestBackend } from '../testing/test-backend.ts';

beforeAll(openTestBackend);

type Shape = readonly [number, number, number, number];

function normal(purpose: string, shape: Shape): { tensor: tf.Tensor4D; at: (...index: number[]) => number } {
  const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
  fillNormal(randomKey(5, purpose), 0, values);
  const at = (...index: number[]): number =>
    index.every((i, axis) => i >= 0 && i < shape[axis]!) ? values[index.reduce((sum, i, axis) => sum * shape[axis]! + i, 0)]! : 0;
  return { tensor: tf.tensor4d(values, [...shape]), at };
}

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

function expectClose(actual: tf.Tensor, expected: readonly number[]): void {
  const values = [...actual.dataSync()];
  expect(values).toHaveLength(expected.length);
  for (const [i, value] of values.entries()) expect(value).toBeCloseTo(expected[i]!, 4);
}

describe.each([
  [1, 1],
  [1, 2],
  [3, 1],
  [3, 2],
] as const)('a convolution with kernel %i and stride %i', (kernel, stride) => {
  it('has the filter gradient that its definition gives, for images of odd and unequal sides', () => {
    const [batch, height, width, inputs, outputs] = [2, 5, 8, 3, 4];
    const [h, w] = [Math.ceil(height / stride), Math.ceil(width / stride)];
    const x = normal('x', [batch, height, width, inputs]);
    const dy = normal('dy', [batch, h, w, outputs]);
    const margin = (kernel - 1) / 2;
    const entry = (a: number, b: number, i: number, o: number): number =>
      sum(
        range(batch).flatMap((n) =>
          range(h).flatMap((r) =>
            range(w).map((c) => x.at(n, stride * r + a - margin, stride * c + b - margin, i) * dy.at(n, r, c, o)),
          ),
        ),
      );
    const expected = range(kernel).flatMap((a) =>
      range(kernel).flatMap((b) => range(inputs).flatMap((i) => range(outputs).map((o) => entry(a, b, i, o)))),
    );
    const before = tf.memory().numTensors;
    tf.tidy(() => expectClose(filterGradient(x.tensor, dy.tensor, kernel, stride), expected));
    expect(tf.memory().numTensors).toBe(before);
  });
});

it('a sum by channel is over images and pixels', () => {
  const x = normal('x', [3, 5, 8, 6]);
  const expected = range(6).map((c) =>
    sum(range(3).flatMap((n) => range(5).flatMap((r) => range(8).map((k) => x.at(n, r, k, c))))),
  );
  tf.tidy(() => expectClose(channelSum(x.tensor), expected));
});
