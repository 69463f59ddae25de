/**
 * The made dataset `nonlinear-gaussian-process` (Ingrosso & Goldt, PNAS 2022, arXiv 2202.00565, `sgoldt/conv_emerge`): signals on a ring of
 * D sites. Underneath lies a Gaussian z ~ N(0, C) with C_ij = exp(−d_ij² / ξ²), d the distance on the ring, ξ the correlation length of the
 * class. With gain g, a = g²/(1 + g²) and γ = (2/π) arcsin a, the signal and the covariance of its Gaussian twin are
 *
 *   x = erf(g z / √2) / √γ      and      C′_ij = (2/π) arcsin(a C_ij) / γ,
 *
 * which is exactly that of x: both have mean 0 and variance 1. Covariances are circulant, so z = S ζ with S_ij = s(i − j), where s has the
 * square roots of their eigenvalues (Fourier coefficients of a row, those below 0 by truncation set to 0) and ζ ~ N(0, I).
 * A value x is the pixel 1/2 + x/16. Labels alternate. The same ζ are drawn whatever the fields are, so that data are paired.
 */
import type { MadeParams } from '@ncsweep/catalog/datasets';
import { fillNormal, randomKey } from '../random.ts';
import { splitInMemory, type Generator, type Split } from './dataset.ts';
import { erf } from './erf.ts';

type Params = MadeParams<'nonlinear-gaussian-process'>;

export const makeNonlinearGaussianProcess: Generator<'nonlinear-gaussian-process'> = (params, seed) => {
  const filters = [params.shortLength, params.longLength].map((scale) => filterOf(covariance(params, scale)));
  return {
    train: makeSplit(params, filters, randomKey(seed, 'data/train/signal'), 2 * params.trainPerClass),
    test: makeSplit(params, filters, randomKey(seed, 'data/test/signal'), 2 * params.testPerClass),
  };
};

/** Variance of erf(g z / √2) for z of variance 1, after which arcsin(a C) is divided. */
const arcsine = (gain: number, correlation: number): number =>
  (2 / Math.PI) * Math.asin((gain ** 2 / (1 + gain ** 2)) * correlation);

/** Row of the covariance of what is drawn as a Gaussian: z, or the twin itself. @param scale correlation length in sites */
function covariance({ sites, gain, gaussian }: Params, scale: number): Float64Array {
  return Float64Array.from({ length: sites }, (_, i) => {
    const underneath = Math.exp(-((Math.min(i, sites - i) / scale) ** 2));
    return gaussian ? arcsine(gain, underneath) / arcsine(gain, 1) : underneath;
  });
}

/** Row of the symmetric circulant square root of a circulant covariance. */
function filterOf(row: Float64Array): Float64Array {
  const roots = cosines(row).map((eigenvalue) => Math.sqrt(Math.max(0, eigenvalue)));
  return cosines(roots).map((value) => value / row.length);
}

/** Σ_d row_d cos(2π k d / D) for each k. */
const cosines = (row: Float64Array): Float64Array =>
  row.map((_, k) =>
    row.reduce((sum, value, d) => sum + value * Math.cos((2 * Math.PI * ((k * d) % row.length)) / row.length), 0),
  );

function makeSplit(params: Params, filters: readonly Float64Array[], key: readonly [number, number], count: number): Split {
  const { sites, gain, gaussian } = params;
  const labels = Int32Array.from({ length: count }, (_, i) => i % 2);
  const pixels = new Float32Array(count * sites);
  const draws = new Float32Array(sites);
  const height = 1 / Math.sqrt(arcsine(gain, 1));
  for (const [i, label] of labels.entries()) {
    fillNormal(key, i, draws);
    const filter = filters[label]!;
    for (let site = 0; site < sites; site++) {
      let z = 0;
      for (let j = 0; j < sites; j++) z += filter[(site - j + sites) % sites]! * draws[j]!;
      const x = gaussian ? z : height * erf((gain * z) / Math.SQRT2);
      pixels[i * sites + site] = Math.min(1, Math.max(0, 0.5 + x / 16));
    }
  }
  return splitInMemory(pixels, labels);
}
