import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MeansPass, type ClassMeans, type Means } from './class-means.ts';
import type { Features } from './features.ts';
import type { MetricRecord } from './metric-record.ts';
import type { StartMeasure } from './view-measure.ts';
import { MetricsPass, type MetricsOptions } from './metrics-pass.ts';

interface Data {
  readonly classes: number;
  readonly dimension: number;
  readonly features: Features;
  readonly labels: Int32Array;
  readonly predictions?: Int32Array;
}

const slices = (data: Data, batch: number): { features: Features; labels: Int32Array; predictions: Int32Array | undefined }[] => {
  const starts = Array.from({ length: Math.ceil(data.labels.length / batch) }, (_, i) => i * batch);
  return starts.map((s) => ({
    features: data.features.subarray(s * data.dimension, (s + batch) * data.dimension),
    labels: data.labels.subarray(s, s + batch),
    predictions: data.predictions?.subarray(s, s + batch),
  }));
};

function meansOf(data: Data, batch = 7): ClassMeans {
  const pass = new MeansPass(data.classes, data.dimension);
  for (const { features, labels } of slices(data, batch)) pass.add(features, labels);
  return pass.finish();
}

function measure(data: Data, options: Omit<MetricsOptions, 'ownMeans'> = {}, batch = 7): Map<string, number> {
  const pass = new MetricsPass({ ownMeans: meansOf(data, batch), ...options });
  for (const { features, labels, predictions } of slices(data, batch)) pass.add(features, labels, predictions);
  return named(pass.finish());
}

/** `nc1`, `simplex_angle[2]`, `leap_matrix[0,1]`. */
function named(records: readonly MetricRecord[]): Map<string, number> {
  const names = records.map(({ metric, row, col }) => {
    if (row === undefined) return metric;
    return col === undefined ? `${metric}[${row}]` : `${metric}[${row},${col}]`;
  });
  expect(new Set(names).size).toBe(names.length);
  return new Map(names.map((name, i) => [name, records[i]!.value]));
}

const data = (classes: number, rows: readonly (readonly number[])[], labels: readonly number[]): Data => ({
  classes,
  dimension: rows[0]!.length,
  features: Float64Array.from(rows.flat()),
  labels: Int32Array.from(labels),
});

/** An exact simplex in R^K, K·e_c − 1, with `copies` samples of each vertex. */
function simplex(classes: number, copies = 2): Data {
  const labels = Array.from({ length: classes * copies }, (_, i) => i % classes);
  return data(
    classes,
    labels.map((c) => Array.from({ length: classes }, (_, j) => (j === c ? classes - 1 : -1))),
    labels,
  );
}

interface Fixture {
  readonly name: string;
  readonly classes: number;
  readonly dimension: number;
  readonly labels: number[];
  readonly predictions: number[];
  readonly clean: number[];
  readonly perturbed: number[];
  readonly weights: number[];
  readonly expected: Record<string, number>;
  readonly expectedRegrouped: Record<string, number>;
}
const fixtures = JSON.parse(readFileSync(new URL('fixtures/cases.json', import.meta.url), 'utf8')) as Fixture[];

/** Equal to 1e-6 relative; also angles to within what arccos of a rounded cosine resolves (3e-6°), and counts and cosines to 1e-9. */
function expectEqual(actual: Map<string, number>, expected: Record<string, number>): void {
  expect([...actual.keys()].sort()).toEqual(Object.keys(expected).sort());
  for (const [name, value] of actual) {
    const absolute = name.includes('angle') && !name.startsWith('nc2') ? 3e-6 : 1e-9;
    const relative = name.startsWith('nc1') || name === 'cdnv' || name === 'separation';
    expect(Math.abs(value - expected[name]!), name).toBeLessThanOrEqual(
      Math.max(1e-6 * Math.abs(expected[name]!), relative ? 0 : absolute),
    );
  }
}

describe('metrics equal direct NumPy float64 formulas', () => {
  it.each(fixtures)('$name', (f) => {
    const labels = Int32Array.from(f.labels);
    const predictions = Int32Array.from(f.predictions);
    const shape = { classes: f.classes, dimension: f.dimension };
    const cleanMeans = meansOf({ ...shape, features: Float64Array.from(f.clean), labels });
    const weights = Float64Array.from(f.weights);
    const features = Float64Array.from(f.perturbed);
    expectEqual(measure({ ...shape, features, labels, predictions }, { cleanMeans, weights }), f.expected);
    expectEqual(measure({ ...shape, features, labels: predictions, predictions }, { cleanMeans, weights }), f.expectedRegrouped);
  });
});

describe('an exact simplex', () => {
  it.each([2, 3, 5, 10])('of %i classes is collapsed in every sense', (k) => {
    const exact = { ...simplex(k), predictions: simplex(k).labels };
    const ownMeans = meansOf(exact);
    const pass = new MetricsPass({ ownMeans, cleanMeans: ownMeans, weights: ownMeans.means.map((x) => 3 * x) });
    pass.add(exact.features, exact.labels, exact.predictions);
    const m = named(pass.finish());
    const zero = [
      'nc1',
      'nc1_per_class',
      'nc1_quotient',
      'cdnv',
      'separation',
      'nc4_own',
      'nc4_clean',
      'leap_rate',
      'simplex_angle',
    ];
    for (const name of zero) expect(m.get(name), name).toBe(0);
    const nearlyZero = ['nc2_equinorm_means', 'nc2_equiangular_means', 'nc2_equinorm_weights', 'nc2_equiangular_weights', 'nc3'];
    for (const name of nearlyZero) expect(m.get(name), name).toBeLessThan(1e-14);
    for (const name of ['ncc_accuracy_own_means', 'ncc_accuracy_clean_means']) expect(m.get(name), name).toBe(1);
    expect(m.get('sigma_b_rank')).toBe(k - 1);
    expect(m.get('sigma_b_condition')).toBeCloseTo(1, 12);
    expect(m.get('nc2_cosines[0,1]')).toBeCloseTo(-1 / (k - 1), 14);
  });

  it('with a known spread gives the values worked out by hand', () => {
    // Two classes at ±1 on the x-axis; each sample ±s along x and along y: Sigma_W = s² I, Sigma_B = diag(1, 0).
    const s = 0.25;
    const corners = [-1, 1].flatMap((c) => [
      [c + s, s],
      [c + s, -s],
      [c - s, s],
      [c - s, -s],
    ]);
    const m = measure(data(2, corners, [0, 0, 0, 0, 1, 1, 1, 1]));
    expect(m.get('nc1')).toBeCloseTo(s * s, 14); // only x counts
    expect(m.get('nc1_quotient')).toBeCloseTo(2 * s * s, 14); // Tr Sigma_W = 2s², Tr Sigma_B = 1
    expect(m.get('cdnv')).toBeCloseTo((2 * s * s + 2 * s * s) / (2 * 4), 14);
    expect(m.get('separation')).toBeCloseTo(s * s, 14);
  });

  it('turned in the plane of the simplex has the turn as its angle', () => {
    const degrees = 25;
    const vertex = (c: number, turn: number): number[] => {
      const t = (2 * Math.PI * c) / 3 + (turn * Math.PI) / 180;
      return [Math.cos(t), Math.sin(t)];
    };
    const labels = [0, 1, 2, 0, 1, 2];
    const clean = data(
      3,
      labels.map((c) => vertex(c, 0)),
      labels,
    );
    const turned = data(
      3,
      labels.map((c) => vertex(c, degrees)),
      labels,
    );
    const m = measure(turned, { cleanMeans: meansOf(clean) });
    for (const name of ['simplex_angle', 'simplex_angle[1]', 'mean_angle[2]']) expect(m.get(name), name).toBeCloseTo(degrees, 10);
    expect(m.get('mean_distance')).toBeCloseTo(2 * Math.sin((degrees * Math.PI) / 360), 12);
    expect(m.get('leap_cos_true')).toBeCloseTo(Math.cos((degrees * Math.PI) / 180), 12);
    expect(m.get('leap_rate')).toBe(0);
  });

  it('whose examples all leap gives the permutation as leap matrix', () => {
    const k = 4;
    const clean = simplex(k);
    const target = [2, 0, 3, 1];
    const source = Int32Array.from(clean.labels, (label) => target.indexOf(label));
    const m = measure({ ...clean, labels: source }, { cleanMeans: meansOf(clean) });
    expect(m.get('leap_rate')).toBe(1);
    for (let i = 0; i < k; i++) for (let j = 0; j < k; j++) expect(m.get(`leap_matrix[${i},${j}]`)).toBe(j === target[i] ? 1 : 0);
    for (const name of ['leap_cos', 'leap_example_cos']) {
      expect(m.get(`${name}_nearest`), name).toBeCloseTo(1, 12);
      expect(m.get(`${name}_true`), name).toBeCloseTo(-1 / (k - 1), 12);
    }
    expect(m.get('simplex_angle')).toBeCloseTo((Math.acos(-1 / (k - 1)) * 180) / Math.PI, 10);
  });
});

describe('what is undefined', () => {
  const finite = (m: Map<string, number>): void => {
    for (const [name, value] of m) expect(Number.isFinite(value), name).toBe(true);
  };

  it('a single class has neither spread between classes nor cosines', () => {
    const m = measure(
      data(
        3,
        [
          [1, 2],
          [3, 5],
        ],
        [1, 1],
      ),
    );
    expect(m.get('sigma_b_rank')).toBe(0);
    for (const name of ['nc1', 'cdnv', 'separation', 'nc2_equinorm_means', 'nc2_equiangular_means'])
      expect(m.has(name), name).toBe(false);
    expect(m.get('ncc_accuracy_own_means')).toBe(1);
    finite(m);
  });

  it('coinciding means: cdnv and the rank say so', () => {
    const m = measure(
      data(
        3,
        [
          [1, 0],
          [1, 0],
          [-1, 0],
          [1, 0.5],
          [1, -0.5],
          [-1, 0],
        ],
        [0, 0, 1, 2, 2, 1],
      ),
    );
    expect(m.get('sigma_b_rank')).toBe(1);
    expect(m.has('cdnv')).toBe(false);
    expect(m.get('nc1')).toBe(0);
    finite(m);
  });

  it('classes absent from the clean data are no vertices', () => {
    const clean = data(
      3,
      [
        [1, 0],
        [1, 0],
        [-1, 0],
        [-1, 0],
      ],
      [0, 0, 2, 2],
    );
    const m = measure(
      data(
        3,
        [
          [1, 0],
          [0, 1],
          [-1, 0],
        ],
        [0, 1, 2],
      ),
      { cleanMeans: meansOf(clean) },
    );
    expect(m.has('simplex_angle[1]')).toBe(false);
    expect(m.has('leap_cos_true[1]')).toBe(false);
    expect(m.get('leap_rate')).toBeCloseTo(1 / 3, 14);
    expect(m.get('leap_example_cos_true')).toBe(1);
    finite(m);
  });

  it('dead features and no samples at all crash nothing', () => {
    finite(
      measure(
        data(
          2,
          [
            [0, 0],
            [0, 0],
          ],
          [0, 1],
        ),
        { weights: new Float64Array(4) },
      ),
    );
    finite(named(new MetricsPass({ ownMeans: new MeansPass(3, 2).finish() }).finish()));
  });

  it('refuses what does not fit', () => {
    const d = simplex(3);
    expect(() => meansOf({ ...d, labels: Int32Array.from([0, 1, 2, 0, 1, 3]) })).toThrow('label 3 outside 0..2');
    expect(() => meansOf({ ...d, features: Float32Array.from(d.features, () => NaN) })).toThrow('NaN or infinity');
    expect(() => new MeansPass(3, 4).add(d.features, d.labels)).toThrow(RangeError);
    const pass = new MetricsPass({ ownMeans: meansOf(data(3, [[1], [2]], [0, 1])) });
    expect(() => pass.add(Float32Array.of(1), Int32Array.of(2))).toThrow('class 2 had no sample');
  });
});

const cloud = fc
  .record({
    classes: fc.integer({ min: 2, max: 4 }),
    dimension: fc.integer({ min: 2, max: 5 }),
    samples: fc.integer({ min: 8, max: 20 }),
    spread: fc.constantFrom(0.5, 1e-3),
  })
  .chain(({ classes, dimension, samples, spread }) =>
    fc
      .array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: samples * dimension, maxLength: samples * dimension })
      .map((noise) => {
        const labels = Int32Array.from({ length: samples }, (_, i) => i % classes);
        const features = Float64Array.from(noise, (x, at) => {
          const [c, j] = [labels[Math.floor(at / dimension)]!, at % dimension];
          return spread * x + Math.cos(1 + c * (j + 1.3) + j);
        });
        return { classes, dimension, features, labels };
      }),
  );

const close = (a: number | undefined, b: number | undefined): void =>
  expect(Math.abs(a! - b!)).toBeLessThanOrEqual(1e-7 * Math.abs(b!) + 1e-15);

describe('properties', () => {
  it('nc1, quotient and cdnv do not see rotation, offset and scale', () => {
    fc.assert(
      fc.property(cloud, fc.double({ min: 0, max: 6, noNaN: true }), fc.constantFrom(1e-3, 7, 1e3), (d, turn, scale) => {
        const [before, c, s] = [measure(d), Math.cos(turn), Math.sin(turn)];
        fc.pre((before.get('sigma_b_condition') ?? Infinity) < 1e4);
        const moved = Float64Array.from(d.features);
        for (let i = 0; i < moved.length; i += d.dimension) {
          [moved[i], moved[i + 1]] = [c * moved[i]! - s * moved[i + 1]!, s * moved[i]! + c * moved[i + 1]!];
        }
        const after = measure({ ...d, features: moved.map((x) => scale * (x + 5)) });
        for (const name of ['nc1', 'nc1_quotient', 'cdnv', 'separation']) close(after.get(name), before.get(name));
      }),
      { numRuns: 60 },
    );
  });

  it('the numbers are the same however the data are cut into batches', () => {
    fc.assert(
      fc.property(cloud, fc.integer({ min: 1, max: 30 }), (d, batch) => {
        const clean: Means = meansOf({ ...d, features: d.features.map((x, i) => x + 0.1 * Math.sin(i)) });
        expect(measure(d, { cleanMeans: clean }, batch)).toEqual(measure(d, { cleanMeans: clean }, 1000));
      }),
      { numRuns: 60 },
    );
  });

  it('nor of samples in more than one block, with features in more than one tile', () => {
    const [classes, dimension, samples] = [3, 777, 201];
    const features = Float32Array.from({ length: samples * dimension }, (_, i) => Math.sin(i * i) + Math.cos(i % dimension));
    const labels = Int32Array.from({ length: samples }, (_, i) => (i + (i >> 2)) % classes);
    const d = { classes, dimension, features, labels };
    for (const batch of [1, 63, 64, 100]) expect(measure(d, {}, batch)).toEqual(measure(d, {}, samples));
  });

  it('float32 features give what the same numbers give in float64', () => {
    fc.assert(
      fc.property(cloud, (d) => {
        const single = Float32Array.from(d.features);
        expect(measure({ ...d, features: single })).toEqual(measure({ ...d, features: Float64Array.from(single) }));
      }),
      { numRuns: 20 },
    );
  });
});

describe('further measures', () => {
  it('see every batch of the second pass, and stand beside its records', () => {
    const means = new MeansPass(2, 1);
    means.add(Float64Array.of(0, 1, 4, 5), Int32Array.of(0, 0, 1, 1));
    const ownMeans = means.finish();
    const counting: StartMeasure = (facts) => {
      let [samples, agreeing] = [0, 0];
      return {
        add: (features, labels, predictions) => {
          samples += features.length / facts.ownMeans.dimension;
          labels.forEach((label, b) => (agreeing += predictions?.[b] === label ? 1 : 0));
        },
        finish: () => [{ metric: 'agreeing', value: agreeing / samples }],
      };
    };
    const pass = new MetricsPass({ ownMeans, further: [counting] });
    pass.add(Float64Array.of(0, 1), Int32Array.of(0, 0), Int32Array.of(0, 0));
    pass.add(Float64Array.of(4, 5), Int32Array.of(1, 1), Int32Array.of(1, 0));
    const records = pass.finish();
    expect(records.at(-1)).toEqual({ metric: 'agreeing', value: 0.75 });
    expect(records.some(({ metric }) => metric === 'nc1')).toBe(true);
  });
});
