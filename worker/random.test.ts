import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillNormal, fillUniform, permutation, philox, randomKey, uniforms } from './random.ts';

const block = (counter: number[], key: [number, number]): string[] => {
  const out = new Uint32Array(4);
  philox(new Uint32Array(counter), key, out);
  return [...out].map((word) => word.toString(16).padStart(8, '0'));
};

describe('philox', () => {
  it('gives the published known answers of Philox4x32-10', () => {
    expect(block([0, 0, 0, 0], [0, 0])).toEqual(['6627e8d5', 'e169c58d', 'bc57ac4c', '9b00dbd8']);
    const ones = 0xffffffff;
    expect(block([ones, ones, ones, ones], [ones, ones])).toEqual(['408f276d', '41c83b0e', 'a20bc7c6', '6d5451fd']);
    const pi = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344];
    expect(block(pi, [0xa4093822, 0x299f31d0])).toEqual(['d16cfe09', '94fdcceb', '5001e420', '24126ea1']);
  });
});

describe('draws', () => {
  it('of a prefix are the prefix of the draws', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.nat(40), fc.nat(40), (index, a, b) => {
        const key = randomKey(3, 'test');
        const long = new Float32Array(Math.max(a, b));
        const short = new Float32Array(Math.min(a, b));
        for (const fill of [fillUniform, fillNormal]) {
          fill(key, index, long);
          fill(key, index, short);
          expect(long.subarray(0, short.length)).toEqual(short);
        }
      }),
    );
  });

  it('differ between seeds, purposes and samples', () => {
    const draws = [
      uniforms(randomKey(1, 'a'), 0, 4),
      uniforms(randomKey(2, 'a'), 0, 4),
      uniforms(randomKey(1, 'b'), 0, 4),
      uniforms(randomKey(1, 'a'), 1, 4),
      uniforms(randomKey(1, 'a'), 2 ** 32, 4),
    ];
    expect(new Set(draws.map(String)).size).toBe(draws.length);
  });

  it('have the moments of their distribution', () => {
    const moments = (values: Float32Array): [number, number] => {
      const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
      return [mean, values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length];
    };
    const values = new Float32Array(200_000);
    fillUniform(randomKey(1, 'u'), 0, values);
    const [uniformMean, uniformVariance] = moments(values);
    expect(uniformMean).toBeCloseTo(0.5, 2);
    expect(uniformVariance).toBeCloseTo(1 / 12, 3);
    expect(values.every((v) => v >= 0 && v < 1)).toBe(true);
    fillNormal(randomKey(1, 'n'), 0, values);
    const [mean, variance] = moments(values);
    expect(Math.abs(mean)).toBeLessThan(0.01);
    expect(Math.abs(variance - 1)).toBeLessThan(0.02);
  });
});

describe('permutation', () => {
  it('holds every index once and puts each place equally often', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200 }), fc.nat(), (count, seed) => {
        const order = permutation(randomKey(seed, 'order'), count);
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
      }),
    );
    const first = new Array<number>(5).fill(0);
    for (let seed = 0; seed < 5000; seed++) first[permutation(randomKey(seed, 'order'), 5)[0]!]!++;
    for (const times of first) expect(Math.abs(times - 1000)).toBeLessThan(130);
  });
});
