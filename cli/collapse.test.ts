import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { metricDictionary, metricFamilies } from '@ncsweep/catalog/metrics';
import type { CollapseOutput, MetricTable } from '@ncsweep/collapse';
import { timesPowerOfTwo } from '@ncsweep/collapse/power-scale';
import { encodeNpy, type NpyArray } from '@ncsweep/protocol/npy';
import { InvalidInputError } from '@ncsweep/protocol/errors';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import yargs from 'yargs';
import { collapseCommand } from './collapse.ts';

interface Case {
  readonly name: string;
  readonly classes: number;
  readonly dimension: number;
  readonly labels: number[];
  readonly predictions: number[];
  readonly clean: number[];
  readonly perturbed: number[];
  readonly weights: number[];
  readonly expected: Record<string, number>;
}
const cases = JSON.parse(readFileSync(new URL('../collapse/fixtures/cases.json', import.meta.url), 'utf8')) as Case[];
const loose = cases[0]!;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ncsweep-collapse-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const write = (name: string, array: NpyArray): string => {
  const path = join(folder, name);
  writeFileSync(path, encodeNpy(array));
  return path;
};
const floats = (name: string, shape: number[], values: readonly number[]): string =>
  write(name, { type: 'float64', shape, data: Float64Array.from(values) });
const integers = (name: string, values: readonly number[]): string =>
  write(name, { type: 'int64', shape: [values.length], data: BigInt64Array.from(values, BigInt) });

/** What the command prints. */
async function run(...args: string[]): Promise<string> {
  const print = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    await yargs()
      .command(collapseCommand)
      .strict()
      .exitProcess(false)
      .fail(false)
      .parseAsync(['collapse', ...args]);
    return print.mock.calls.map(([text]) => String(text)).join('');
  } finally {
    print.mockRestore();
  }
}
const json = async (...args: string[]): Promise<CollapseOutput> => JSON.parse(await run(...args, '-o', 'json')) as CollapseOutput;

const files = (c: Case): string[] => {
  const shape = [c.labels.length, c.dimension];
  return [
    ...['--features', floats('f.npy', shape, c.clean), '--labels', integers('y.npy', c.labels)],
    ...['--perturbed-features', floats('p.npy', shape, c.perturbed), '--predictions', integers('q.npy', c.predictions)],
    ...['--weights', floats('w.npy', [c.classes, c.dimension], c.weights)],
  ];
};

/** Looks up `nc1`, `simplex_angle[2]`, `leap_matrix[0,1]`. */
function find(table: MetricTable, name: string): unknown {
  const [, metric = '', row, col] = /^([^[]*)(?:\[(\d+)(?:,(\d+))?\])?$/.exec(name) ?? [];
  if (row === undefined) return table[metric];
  if (col === undefined) return (table[`${metric}_by_class`] as number[])[Number(row)];
  return (table[metric] as number[][])[Number(row)]![Number(col)];
}

describe('ncsweep collapse', () => {
  it.each(cases)('prints what NumPy computes: $name', async (c) => {
    const { perturbed } = await json(...files(c));
    for (const [name, value] of Object.entries(c.expected)) {
      const found = find(perturbed!, name) as number;
      expect(Math.abs(found - value), name).toBeLessThanOrEqual(1e-6 * Math.abs(value) + (name.includes('angle') ? 3e-6 : 1e-14));
    }
  });

  it('prints under names that the dictionary holds, in the shapes that it says', async () => {
    const bias = floats('b.npy', [loose.classes], new Array<number>(loose.classes).fill(0));
    const { perturbed } = await json(...files(loose), '--bias', bias);
    const missing = Object.keys(metricDictionary).filter((name) => perturbed![name] === undefined);
    // The command attacks nothing, and nobody tells it of a minority.
    expect(missing).toEqual(['adaptive_ncc_accuracy', ...Object.keys(metricFamilies.minority.entries)]);
    for (const [name, value] of Object.entries(perturbed!)) {
      const shape = metricDictionary[name.replace(/_by_class$/, '') as keyof typeof metricDictionary].shape;
      if (name.endsWith('_by_class')) expect([shape, value], name).toEqual(['scalar+classes', expect.any(Array)]);
      else expect(typeof value, name).toBe(shape === 'classes×classes' ? 'object' : 'number');
    }
  });

  it('values lie in the range of the dictionary', async () => {
    for (const c of cases) {
      const { clean, perturbed } = await json(...files(c));
      for (const [name, { range }] of Object.entries(metricDictionary)) {
        for (const value of [clean[name], perturbed![name]]) {
          if (typeof value !== 'number') continue;
          expect(value, name).toBeGreaterThanOrEqual(range[0] - 1e-12);
          expect(value, name).toBeLessThanOrEqual(range[1] + 1e-12);
        }
      }
    }
  });

  it('without perturbed features measures the clean ones against their own means, and says its conventions', async () => {
    const shape = [4, 2];
    const output = await json(
      '--features',
      floats('f.npy', shape, [1, 0, -1, 0, 1, 0, -1, 0]),
      '--labels',
      integers('y.npy', [0, 2, 0, 2]),
    );
    expect(output.perturbed).toBeUndefined();
    expect(output.clean).toMatchObject({ nc1: 0, leap_rate: 0, simplex_angle: 0, simplex_angle_by_class: [0, null, 0] });
    expect(output.clean['nc2_cosines']).toEqual([
      [1, null, -1],
      [null, null, null],
      [-1, null, 1],
    ]);
    expect(output.conventions).toMatchObject({
      classes: 3,
      classesPresent: 2,
      samples: 4,
      dimension: 2,
      equinormDdof: 1,
      predictions: null,
    });
  });

  it('computes predictions, accuracy and loss from weights and bias', async () => {
    const output = await json(
      ...['--features', floats('f.npy', [2, 1], [1, -1]), '--labels', integers('y.npy', [0, 1])],
      ...['--weights', floats('w.npy', [2, 1], [1, -1]), '--bias', floats('b.npy', [2], [0, 3])],
    );
    expect(output.clean).toMatchObject({ accuracy: 0.5, nc4_own: 0.5 });
    expect(output.clean['loss']).toBeCloseTo((Math.log(1 + Math.exp(1)) + Math.log(1 + Math.exp(-5))) / 2, 12);
  });

  it('reads a file in parts without changing a number', async () => {
    const wide = (type: 'float32' | 'float64'): NpyArray => {
      const values = Float32Array.from({ length: 6 * 250_000 }, (_, i) => Math.sin(i) + (Math.floor(i / 250_000) % 3));
      return { type, shape: [6, 250_000], data: type === 'float32' ? values : Float64Array.from(values) };
    };
    const labels = ['--labels', integers('y.npy', [0, 1, 2, 0, 1, 2])];
    const single = await json('--features', write('a.npy', wide('float32')), ...labels);
    expect(single).toEqual(await json('--features', write('b.npy', wide('float64')), ...labels));
    expect(single.clean['ncc_accuracy_own_means']).toBe(1);
  });

  it('prints a table with a column for each', async () => {
    const text = await run(...files(loose));
    expect(text).toMatch(/^30 samples, 4 classes, dimension 6\n +clean +perturbed\n/);
    expect(text).toMatch(/\nnc1 +[\d.]+ +0\.197046 {2}NC1\n/);
    expect(text).toMatch(/\nsimplex_angle +0\.00000 +\d[\d.]+ {2}angle clean↔perturbed simplex \[°\]\n/);
  });
});

describe('magnitudes that leave float64 when they are multiplied', () => {
  const times = (values: readonly number[], k: number): number[] => values.map((x) => timesPowerOfTwo(x, k));
  const stretched = (c: Case, k: number): string[] =>
    files({ ...c, clean: times(c.clean, k), perturbed: times(c.perturbed, k), weights: times(c.weights, -k) });
  const bias = ({ classes }: Case): string[] => [
    ...[
      '--bias',
      floats(
        'b.npy',
        [classes],
        Array.from({ length: classes }, (_, c) => c / 4),
      ),
    ],
    ...['--clean-predictions', integers('c.npy', loose.labels)],
  ];

  it.each(cases)('give the numbers of ordinary ones, to the bit: $name', async (c) => {
    const plain = await json(...stretched(c, 0));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -980, max: 1000 }), async (k) => {
        const { clean, perturbed, ...rest } = await json(...stretched(c, k));
        for (const [table, expected] of [
          [clean, plain.clean],
          [perturbed!, plain.perturbed!],
        ] as const)
          for (const [name, value] of Object.entries(expected)) {
            const inUnits = name.startsWith('mean_distance')
              ? [value].flat().map((x) => x && timesPowerOfTwo(x as number, k))
              : value;
            expect(name.startsWith('mean_distance') ? [table[name]].flat() : table[name], `${name} times 2^${k}`).toEqual(
              inUnits,
            );
          }
        expect(rest).toEqual({ conventions: plain.conventions });
      }),
      { numRuns: 25, examples: [[-980], [-300], [300], [1000]] },
    );
  });

  it.each([-700, -201, 201, 700])('give the predictions and the loss of ordinary ones: times 2^%d', async (k) => {
    const plain = await json(...stretched(loose, 0), ...bias(loose));
    const extreme = await json(...stretched(loose, k), ...bias(loose));
    for (const table of ['clean', 'perturbed'] as const) {
      expect(extreme[table]!['loss']).toBeCloseTo(plain[table]!['loss'] as number, 14);
      for (const name of ['accuracy', 'nc4_own', 'nc3', 'nc2_equinorm_weights'])
        expect(extreme[table]![name], name).toBe(plain[table]![name]);
    }
  });

  it('down to the smallest numbers that there are', async () => {
    const labels = ['--labels', integers('y.npy', [0, 0, 1, 1])];
    const steps = [5, 3, 7, 2, -4, 8, -6, 9];
    const plain = await json('--features', floats('f.npy', [4, 2], steps), ...labels);
    const subnormal = await json('--features', floats('s.npy', [4, 2], times(steps, -1074)), ...labels);
    expect(subnormal.clean).toEqual(plain.clean);
  });

  it('clean and perturbed ones of very different size are measured in their own, and compared in one', async () => {
    const [near, far] = [await json(...files(loose)), await json(...files({ ...loose, perturbed: times(loose.perturbed, 300) }))];
    expect(far.clean).toEqual(near.clean);
    for (const name of ['nc1', 'nc1_quotient', 'nc2_equinorm_means', 'ncc_accuracy_own_means'])
      expect(far.perturbed![name], name).toBe(near.perturbed![name]);
  });

  it('say which number is itself beyond float64', async () => {
    const features = (name: string, sign: number): string => floats(name, [2, 1], [sign * 1.7e308, sign * 1.6e308]);
    const args = ['--features', features('f.npy', 1), '--labels', integers('y.npy', [0, 1])];
    const output = await json(...args, '--perturbed-features', features('p.npy', -1));
    const distances = ['', '_by_class[0]', '_by_class[1]'].map((part) => `perturbed.mean_distance${part}`);
    expect(output.notRepresentable).toEqual(distances);
    expect(output.perturbed!['mean_angle']).toBe(180);
    expect(await run(...args, '--perturbed-features', join(folder, 'p.npy'))).toContain('Too large or too small for float64: ');
  });

  it.each<[string, readonly number[], RegExp]>([
    [
      'between classes',
      [1e150, 1e-150, -1e150, 2e-150, 1e150, 3e-150, -1e150, 2e-150],
      /class means that differ by 5\.0e-151 at most/,
    ],
    [
      'within classes',
      [1, 0, 1, 1e-200, 2, 0, 2, 3e-200],
      /features of a class that differ by 1\.5e-200 at most found beside numbers up to 2/,
    ],
  ])('are refused where they lie too far apart %s', async (_, values, message) => {
    const args = ['--features', floats('wide.npy', [4, 2], values), '--labels', integers('y.npy', [0, 0, 1, 1])];
    const error = (await run(...args).catch((e: unknown) => e)) as Error;
    expect(error).toBeInstanceOf(InvalidInputError);
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/wide\.npy \(--features\): .* expected, because .* Remedy: /);
  });

  it('are refused where a logit exceeds the range of float64', async () => {
    const huge = files({ ...loose, clean: times(loose.clean, 900), weights: times(loose.weights, 300) });
    await expect(run(...huge, ...bias(loose))).rejects.toThrow(/the logit of class \d for row 0 .* leave out --bias/);
    const tiny = files({ ...loose, clean: times(loose.clean, -900), weights: times(loose.weights, -300) });
    await expect(run(...tiny, ...bias(loose))).rejects.toThrow(/exceeds the range of float64/);
  });
});

describe('bad input', () => {
  const good = (): string[] => ['--features', floats('f.npy', [2, 2], [1, 0, 0, 1]), '--labels', integers('y.npy', [0, 1])];

  it.each<[string, () => string[], RegExp]>([
    [
      'a missing file',
      () => ['--features', 'no.npy', '--labels', 'y.npy'],
      /no\.npy \(--features\): no such file; check the path/,
    ],
    ['a folder', () => [...good().slice(2), '--features', folder], /\(--features\): (not a file|cannot be opened)/],
    [
      'three axes',
      () => [...good().slice(2), '--features', floats('x.npy', [2, 1, 2], [1, 0, 0, 1])],
      /x\.npy .*shape \(2, 1, 2\) found, \[N, d\] expected; reshape/,
    ],
    [
      'too few labels',
      () => [...good().slice(0, 2), '--labels', integers('y1.npy', [0])],
      /y1\.npy .*shape \(1\) found, \(2\), one for each row/,
    ],
    [
      'a negative label',
      () => [...good().slice(0, 2), '--labels', integers('y2.npy', [0, -1])],
      /-1 found at 1, 0\.\.1 expected/,
    ],
    ['a label beyond K', () => [...good(), '--classes', '1'], /1 found at 1, 0\.\.0 expected/],
    ['labels far from 0..K-1', () => [...good().slice(0, 2), '--labels', integers('y3.npy', [7, 9])], /7 found at 0, .*renumber/],
    [
      'labels as floats',
      () => [...good().slice(0, 2), '--labels', floats('y4.npy', [2], [0, 1])],
      /float64 found, int32 or int64/,
    ],
    [
      'features as integers',
      () => [...good().slice(2), '--features', integers('i.npy', [1, 2])],
      /int64 found, float32 or float64 expected/,
    ],
    [
      'NaN',
      () => [...good().slice(2), '--features', floats('n.npy', [2, 2], [1, 0, NaN, 1])],
      /n\.npy .*NaN found at row 1, column 0, finite numbers expected/,
    ],
    [
      'infinite weights',
      () => [...good(), '--weights', floats('v.npy', [2, 2], [1, 0, 0, Infinity])],
      /v\.npy .*Infinity found at row 1, column 1, finite numbers expected/,
    ],
    [
      'NaN in the bias',
      () => [...good(), '--weights', floats('w.npy', [2, 2], [1, 0, 0, 1]), '--bias', floats('nb.npy', [2], [0, NaN])],
      /nb\.npy .*NaN found at index 1, finite/,
    ],
    [
      'perturbed features of another shape',
      () => [...good(), '--perturbed-features', floats('p.npy', [2, 1], [1, 0])],
      /p\.npy .*shape \(2, 1\) found, \(2, 2\), the shape of --features/,
    ],
    ['transposed weights', () => [...good(), '--weights', floats('w.npy', [2, 3], [1, 0, 0, 1, 1, 1])], /\(2, 2\), \[K, d\]/],
    ['bias alone', () => [...good(), '--bias', floats('b.npy', [2], [0, 0])], /--bias needs --weights/],
    ['clean predictions alone', () => [...good(), '--clean-predictions', integers('q.npy', [0, 1])], /use --predictions/],
    [
      'no .npy file',
      () => {
        writeFileSync(join(folder, 'x.npy'), 'hello world, this is text');
        return [...good().slice(2), '--features', join(folder, 'x.npy')];
      },
      /x\.npy \(--features\): not an \.npy file/,
    ],
    [
      'a truncated file',
      () => {
        const path = floats('t.npy', [2, 2], [1, 0, 0, 1]);
        writeFileSync(path, readFileSync(path).subarray(0, -5));
        return [...good().slice(2), '--features', path];
      },
      /t\.npy .*truncated: 27 bytes of data found, 32 expected/,
    ],
  ])('%s: one line, invalid input', async (_, args, message) => {
    const error: unknown = await run(...args()).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(InvalidInputError);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).not.toContain('\n');
  });
});
