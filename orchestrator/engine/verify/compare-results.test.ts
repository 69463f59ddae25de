import type { CellResult } from '@ncsweep/protocol/result';
import type { MetricLine } from '@ncsweep/protocol/tables';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareResults, unlikeness, type Numbers } from './compare-results.ts';

const digest = 'a'.repeat(64);
const numerics: CellResult['numerics'] = {
  backend: 'native-cpu',
  versions: { tfjs: '4' },
  threads: 1,
  device: 'a CPU',
  batchSize: 8,
};
const result: CellResult = {
  v: 1,
  cellId: digest,
  kind: 'evaluate',
  attemptId: 'one',
  inputs: [],
  numerics,
  scienceVersions: {},
  buildId: 'b',
  artifacts: [{ name: 'means.safetensors', key: 'k', sha256: digest, sizeBytes: 1 }],
  scalars: { accuracy: 0.5, perturbation_max: 0.25 },
  times: { startMs: 0, endMs: 1, computeMs: 1 },
};
const line = (metric: string, value: number, row = -1): MetricLine => ({
  layer: 'conv1',
  pooling: 'flatten',
  labels: 'given',
  metric,
  row,
  col: -1,
  value,
});
const lines = [line('nc1', 2), line('simplex_angle', 10), line('simplex_angle', NaN, 0), line('sigma_b_condition', Infinity)];
const stored: Numbers = { result, lines };

const changed = (change: Partial<CellResult>, other: readonly MetricLine[] = lines): Numbers => ({
  result: { ...result, ...change },
  lines: other,
});
const elsewhere = { numerics: { ...numerics, threads: 2 } };

describe('compareResults', () => {
  it('finds a result equal to itself, NaN and infinities included', () => {
    expect(compareResults(stored, stored)).toEqual({
      verdict: 'equal',
      unlike: [],
      compared: 6,
      differing: [],
      beyond: 0,
      files: [],
    });
  });

  it('finds any changed number, and names it', () => {
    fc.assert(
      fc.property(fc.nat(lines.length - 1), fc.double(), (index, value) => {
        fc.pre(!Object.is(value, lines[index]!.value) && value !== lines[index]!.value);
        const other = lines.map((each, i) => (i === index ? { ...each, value } : each));
        const { verdict, differing, beyond } = compareResults(stored, changed({}, other));
        expect([verdict, differing.length, beyond]).toEqual(['differs', 1, 1]);
        expect(differing[0]).toMatchObject({
          metric: lines[index]!.metric,
          stored: lines[index]!.value,
          again: value,
          allowed: 0,
        });
      }),
    );
    expect(compareResults(stored, changed({ scalars: { ...result.scalars, accuracy: 0.50001 } })).verdict).toBe('differs');
  });

  it('finds a number that only one of them has', () => {
    for (const [a, b] of [
      [stored, changed({}, lines.slice(1))],
      [changed({}, lines.slice(1)), stored],
    ] as const)
      expect(compareResults(a, b)).toMatchObject({ verdict: 'differs', beyond: 1, differing: [{ metric: 'nc1' }] });
    expect(compareResults(stored, changed(elsewhere, lines.slice(1))).verdict).toBe('differs');
  });

  it('finds other bytes of a file, where equality is demanded', () => {
    const artifacts = [{ ...result.artifacts[0]!, sha256: 'b'.repeat(64) }];
    expect(compareResults(stored, changed({ artifacts }))).toMatchObject({ verdict: 'differs', files: ['means.safetensors'] });
    expect(compareResults(stored, changed({ artifacts, ...elsewhere }))).toMatchObject({ verdict: 'equal', files: [] });
  });

  it('compares with the tolerance of each metric on another machine, and the worst stands first', () => {
    const near = [line('nc1', 2.0001), line('simplex_angle', 10.5), ...lines.slice(2)];
    const found = compareResults(stored, changed(elsewhere, near));
    expect(found).toMatchObject({ verdict: 'within tolerance', unlike: ['threads 1 → 2'], beyond: 0 });
    expect(found.differing.map(({ metric }) => metric)).toEqual(['simplex_angle', 'nc1']);
    const far = [line('nc1', 2.0001), line('simplex_angle', 20), ...lines.slice(2)];
    expect(compareResults(stored, changed(elsewhere, far))).toMatchObject({ verdict: 'differs', beyond: 1 });
  });

  it('allows nothing for a metric that it does not know', () => {
    const [a, b] = [[line('new', 1)], [line('new', 1 + 1e-15)]];
    expect(compareResults(changed({}, a), changed(elsewhere, b)).verdict).toBe('differs');
  });
});

describe('unlikeness', () => {
  it('names what is another: versions, threads, device; and never asks equality of a GPU', () => {
    const other = { ...numerics, versions: { tfjs: '5', tensorflow: '2' }, device: 'another CPU' };
    expect(unlikeness(numerics, other)).toEqual(['tensorflow none → 2', 'tfjs 4 → 5', 'device a CPU → another CPU']);
    expect(unlikeness({ ...numerics, backend: 'native-gpu' }, { ...numerics, backend: 'native-gpu' })).toHaveLength(1);
  });

  it('asks no equality of another backend', () => {
    expect(unlikeness(numerics, { ...numerics, backend: 'native-gpu' })).toEqual(['backend native-cpu → native-gpu']);
    expect(unlikeness({ ...numerics, backend: 'native-gpu' }, numerics)).toEqual(['backend native-gpu → native-cpu']);
  });
});
