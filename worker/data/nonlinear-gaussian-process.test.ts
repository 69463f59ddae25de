import { readFileSync } from 'node:fs';
import { asMadeParams, type MadeParams } from '@ncsweep/catalog/datasets';
import { nonlinearGaussianProcess } from '@ncsweep/catalog/datasets/nonlinear-gaussian-process';
import { readFields } from '@ncsweep/catalog/part-kind';
import { describe, expect, it } from 'vitest';
import { erf } from './erf.ts';
import { makeNonlinearGaussianProcess } from './nonlinear-gaussian-process.ts';

interface Fixture {
  readonly sites: number;
  readonly gain: number;
  readonly lengths: readonly [number, number];
  /** Covariance of the signals by distance along the ring, per class. */
  readonly rows: readonly (readonly number[])[];
  readonly erf: readonly (readonly [number, number])[];
}

/** By quadrature in NumPy and SciPy (fixtures/make_gaussian_process.py). */
const oracle = JSON.parse(readFileSync(new URL('fixtures/gaussian_process.json', import.meta.url), 'utf8')) as Fixture;
const { sites } = oracle;
const count = 6000;

/** Values of a class as a network reads them, [count][sites]. */
function signals(label: number, gaussian: boolean): readonly Float32Array[] {
  const written = {
    sites,
    gain: oracle.gain,
    gaussian,
    shortLength: oracle.lengths[0],
    longLength: oracle.lengths[1],
    trainPerClass: count,
    testPerClass: 1,
  };
  const params = asMadeParams(
    nonlinearGaussianProcess,
    readFields(nonlinearGaussianProcess, written, () => undefined)!,
  ) as MadeParams<'nonlinear-gaussian-process'>;
  const { train } = makeNonlinearGaussianProcess(params, 1);
  const pixels = train.images(Int32Array.from({ length: count }, (_, i) => 2 * i + label));
  return Array.from({ length: count }, (_, i) => pixels.slice(i * sites, (i + 1) * sites).map((pixel) => 16 * (pixel - 0.5)));
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
/** Mean of x_i x_(i+lag) over examples and sites; the ring makes all sites alike. */
const covarianceAt = (found: readonly Float32Array[], lag: number): number =>
  mean(found.map((x) => mean([...x].map((value, i) => value * x[(i + lag) % sites]!))));
const fourthMoment = (found: readonly Float32Array[]): number => mean(found.map((x) => mean([...x].map((value) => value ** 4))));

describe('the error function', () => {
  it('is that of SciPy', () => {
    for (const [x, expected] of oracle.erf) expect(Math.abs(erf(x) - expected), `erf ${x}`).toBeLessThan(1e-15);
  });
});

describe.each([0, 1])('nonlinear-gaussian-process, class %i', (label) => {
  const [saturated, twin] = [signals(label, false), signals(label, true)];

  it.each([
    ['saturated signals', saturated],
    ['their Gaussian twin', twin],
  ])('%s have mean 0 and the covariance that quadrature gives', (_, found) => {
    // 6,000 draws of at least 24/12 independent sites: a standard error of 0.01.
    expect(Math.abs(mean(found.map((x) => mean([...x]))))).toBeLessThan(0.04);
    for (const [lag, expected] of oracle.rows[label]!.entries())
      expect(Math.abs(covarianceAt(found, lag) - expected), `lag ${lag}`).toBeLessThan(0.04);
  });

  it('differ in their higher moments: kurtosis is 3 for the twin alone', () => {
    expect(Math.abs(fourthMoment(twin) - 3)).toBeLessThan(0.2);
    expect(fourthMoment(saturated)).toBeLessThan(2);
  });

  it('are paired: the same draws lie underneath', () => {
    const products = saturated.map((x, i) => mean([...x].map((value, j) => value * twin[i]![j]!)));
    expect(mean(products)).toBeGreaterThan(0.9);
  });
});
