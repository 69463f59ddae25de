/** Neural collapse metrics of arrays in .npy and .npz files, which may be larger than memory. */
import { furtherMeasures } from '@ncsweep/catalog/metrics';
import { mostClasses, notFinite, UnfitArraysError, type CollapseArrays, type FeatureRows } from '@ncsweep/collapse/arrays';
import type { Features } from '@ncsweep/collapse/features';
import { measureArrays, type CollapseOutput } from '@ncsweep/collapse/measure';
import { largestMagnitude } from '@ncsweep/collapse/power-scale';
import { InvalidInputError } from '@ncsweep/protocol/errors';
import type { NpyType } from '@ncsweep/protocol/npy';
import { openNpy, readAll, readRows, type NpyFile } from './npy-file.ts';

/** Paths of arrays, named as in `CollapseInput`: an .npy file, FILE.npz for its array of the same name, or FILE.npz:NAME. */
export interface CollapsePaths {
  /** float32 or float64 [N, d] */
  readonly features: string;
  /** int32, int64 or uint8 [N] */
  readonly labels: string;
  readonly classes?: number | undefined;
  readonly perturbedFeatures?: string | undefined;
  readonly weights?: string | undefined;
  readonly bias?: string | undefined;
  readonly predictions?: string | undefined;
  readonly cleanPredictions?: string | undefined;
}

const floats: readonly NpyType[] = ['float32', 'float64'];
const integers: readonly NpyType[] = ['int32', 'int64', 'uint8'];

/**
 * Measures arrays in .npy files as `collapse` measures arrays in memory. Each file is read twice, in parts.
 * @throws InvalidInputError naming the file, what was found, what was expected and the remedy
 * @example
 * ```ts no-run
 * import { collapseFiles } from 'ncsweep';
 *
 * const { clean } = collapseFiles({ features: 'h.npy', labels: 'y.npy' });
 * console.log(clean['nc1']);
 * ```
 */
export function collapseFiles(paths: CollapsePaths): CollapseOutput {
  try {
    return measureArrays(loadArrays(paths), furtherMeasures);
  } catch (error) {
    if (error instanceof UnfitArraysError) throw new InvalidInputError(error.message, { cause: error });
    throw error;
  }
}

/** @throws InvalidInputError, UnfitArraysError */
function loadArrays(paths: CollapsePaths): CollapseArrays {
  checkOptions(paths);
  const features = openFeatures(paths.features, 'features');
  const [samples = 0, dimension = 0] = features.header.shape;
  const perturbed =
    paths.perturbedFeatures === undefined ? undefined : openFeatures(paths.perturbedFeatures, 'perturbed-features');
  if (perturbed)
    expectShape(perturbed, [samples, dimension], 'the shape of --features', 'perturb the same samples in the same order');
  const weightsFile = paths.weights === undefined ? undefined : openNpy(paths.weights, 'weights');
  const classes = classesOf(paths, weightsFile, samples);
  if (weightsFile)
    expectShape(weightsFile, [classes, dimension], '[K, d]', 'save the weight matrix as PyTorch holds it, layer.weight');
  const indices = (path: string | undefined, option: string): Int32Array | undefined =>
    path === undefined ? undefined : readIndices(path, option, samples, classes);
  const given = indices(paths.predictions, 'predictions');
  const cleanGiven = indices(paths.cleanPredictions, 'clean-predictions');
  return {
    classes,
    samples,
    dimension,
    labels: readIndices(paths.labels, 'labels', samples, classes),
    clean: { features: rowsOf(features), predictions: perturbed ? cleanGiven : given },
    perturbed: perturbed && { features: rowsOf(perturbed), predictions: given },
    weights: weightsFile && readNumbers(weightsFile),
    bias: paths.bias === undefined ? undefined : readBias(paths.bias, classes),
    called: (array) => `--${array}`,
  };
}

/** @throws InvalidInputError for options that require others that are missing */
function checkOptions(paths: CollapsePaths): void {
  if (paths.bias !== undefined && paths.weights === undefined)
    throw new InvalidInputError('--bias needs --weights: give both or neither');
  if (paths.cleanPredictions !== undefined && paths.perturbedFeatures === undefined) {
    throw new InvalidInputError('--clean-predictions needs --perturbed-features; without them use --predictions');
  }
}

const rowsOf = (file: NpyFile): FeatureRows => ({
  title: file.title,
  rows: (from, to) => readRows(file, from, to) as Features,
});

function openFeatures(path: string, option: string): NpyFile {
  const file = openNpy(path, option);
  expectType(file, floats, 'x.astype(numpy.float32)');
  const { shape } = file.header;
  if (shape.length === 2 && shape.every((n) => n > 0)) return file;
  throw mismatch(file, '[N, d]', 'reshape with x.reshape(len(x), -1)');
}

/** K: from --classes, else from the weights, else one more than the largest label. */
function classesOf(paths: CollapsePaths, weights: NpyFile | undefined, samples: number): number {
  const declared = paths.classes ?? weights?.header.shape[0];
  if (declared !== undefined) {
    if (Number.isInteger(declared) && declared >= 1 && declared <= mostClasses) return declared;
    throw new InvalidInputError(`${weights?.title ?? '--classes'}: ${declared} classes found, 1 to ${mostClasses} expected`);
  }
  const limit = Math.min(samples, mostClasses);
  return readIndices(paths.labels, 'labels', samples, limit).reduce((a, b) => Math.max(a, b), 0) + 1;
}

/** Labels or predictions [N] in 0..K−1. */
function readIndices(path: string, option: string, samples: number, classes: number): Int32Array {
  const file = openNpy(path, option);
  expectType(file, integers, 'y.astype(numpy.int64)');
  expectShape(file, [samples], 'one for each row of --features', 'flatten with y.ravel()');
  const values = readAll(file);
  const out = new Int32Array(samples);
  for (let i = 0; i < samples; i++) {
    const value = values[i]!;
    if (value < 0 || value >= classes) {
      const remedy = 'renumber with numpy.unique(y, return_inverse=True), or give the number of classes with --classes';
      throw new InvalidInputError(`${file.title}: ${value.toString()} found at ${i}, 0..${classes - 1} expected; ${remedy}`);
    }
    out[i] = Number(value);
  }
  return out;
}

function readBias(path: string, classes: number): Float64Array {
  const file = openNpy(path, 'bias');
  expectShape(file, [classes], '[K]', 'save layer.bias');
  return readNumbers(file);
}

function readNumbers(file: NpyFile): Float64Array {
  expectType(file, floats, 'w.astype(numpy.float64)');
  const values = Float64Array.from(readAll(file) as Features);
  if (Number.isFinite(largestMagnitude(values))) return values;
  const place = { first: 0, columns: file.header.shape[1] };
  throw notFinite(file.title, values, place, 'use weights from a run that did not diverge');
}

function expectType(file: NpyFile, types: readonly NpyType[], remedy: string): void {
  if (types.includes(file.header.type)) return;
  throw new InvalidInputError(`${file.title}: ${file.header.type} found, ${types.join(' or ')} expected; convert with ${remedy}`);
}

function expectShape(file: NpyFile, shape: readonly number[], meaning: string, remedy: string): void {
  const found = file.header.shape;
  if (found.length === shape.length && shape.every((n, i) => n === found[i])) return;
  throw mismatch(file, `(${shape.join(', ')}), ${meaning},`, remedy);
}

const mismatch = (file: NpyFile, expected: string, remedy: string): InvalidInputError =>
  new InvalidInputError(`${file.title}: shape (${file.header.shape.join(', ')}) found, ${expected} expected; ${remedy}`);
