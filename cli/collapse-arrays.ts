/** The arrays that `ncsweep collapse` measures, checked against each other. */
import type { Features } from '@ncsweep/collapse/features';
import { largestMagnitude, scaled } from '@ncsweep/collapse/power-scale';
import { InvalidInputError } from '@ncsweep/protocol/errors';
import type { NpyType } from '@ncsweep/protocol/npy';
import { openNpy, readAll, readRows, type NpyFile } from './npy.ts';

export interface CollapsePaths {
  readonly features: string;
  readonly labels: string;
  readonly classes?: number | undefined;
  readonly perturbedFeatures?: string | undefined;
  readonly weights?: string | undefined;
  readonly bias?: string | undefined;
  readonly predictions?: string | undefined;
  readonly cleanPredictions?: string | undefined;
}

/** Features that stay on disk, and what the network says of them. */
export interface Evaluated {
  readonly features: NpyFile;
  /** [N] */
  readonly predictions: Int32Array | undefined;
}

export interface CollapseArrays {
  readonly classes: number;
  readonly samples: number;
  readonly dimension: number;
  /** [N] */
  readonly labels: Int32Array;
  readonly clean: Evaluated;
  readonly perturbed: Evaluated | undefined;
  /** [K, d] */
  readonly weights: Float64Array | undefined;
  /** [K] */
  readonly bias: Float64Array | undefined;
}

/** More are a mistake in the labels: every metric costs K². */
const mostClasses = 1000;
const floats: readonly NpyType[] = ['float32', 'float64'];
const integers: readonly NpyType[] = ['int32', 'int64', 'uint8'];

/** @throws InvalidInputError naming file, found, expected and remedy */
export function loadArrays(paths: CollapsePaths): CollapseArrays {
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
    clean: { features, predictions: perturbed ? cleanGiven : given },
    perturbed: perturbed && { features: perturbed, predictions: given },
    weights: weightsFile && readNumbers(weightsFile),
    bias: paths.bias === undefined ? undefined : readBias(paths.bias, classes),
  };
}

/** @throws InvalidInputError for options that need others */
function checkOptions(paths: CollapsePaths): void {
  if (paths.bias !== undefined && paths.weights === undefined)
    throw new InvalidInputError('--bias needs --weights: name both or neither');
  if (paths.cleanPredictions !== undefined && paths.perturbedFeatures === undefined) {
    throw new InvalidInputError('--clean-predictions goes with --perturbed-features; without them use --predictions');
  }
}

/** About 8 MB of float64 in memory at once. */
const elementsPerBatch = 1 << 20;

/** Some rows [B, d]. */
export interface FeatureBatch {
  /** Times the power of two that was asked for. */
  readonly features: Features;
  /** Of the rows as they stand in the file. */
  readonly largest: number;
  readonly from: number;
  readonly to: number;
}

/** All rows times 2^exponent, in order. @throws InvalidInputError for NaN or infinity, with the place */
export function* featureBatches(
  { samples, dimension }: CollapseArrays,
  data: Evaluated,
  exponent: number,
): Generator<FeatureBatch> {
  const { features: file } = data;
  const rows = Math.max(1, Math.floor(elementsPerBatch / dimension));
  for (let from = 0; from < samples; from += rows) {
    const to = Math.min(samples, from + rows);
    const values = readRows(file, from, to) as Features;
    const largest = largestMagnitude(values);
    if (!Number.isFinite(largest)) throw notFinite(file, values, from * dimension, 'drop these samples');
    yield { features: scaled(values, exponent), largest, from, to };
  }
}

/** @param first index in the file of the first of the values */
function notFinite({ title, header }: NpyFile, values: Features, first: number, remedy: string): InvalidInputError {
  const bad = values.findIndex((x) => !Number.isFinite(x));
  const columns = header.shape[1];
  const [row, column] = [Math.floor((first + bad) / (columns ?? 1)), (first + bad) % (columns ?? 1)];
  const place = columns === undefined ? `index ${row}` : `row ${row}, column ${column}`;
  return new InvalidInputError(`${title}: ${values[bad]!} found at ${place}, finite numbers expected; ${remedy}`);
}

function openFeatures(path: string, option: string): NpyFile {
  const file = openNpy(path, option);
  expectType(file, floats, 'x.astype(numpy.float32)');
  const { shape } = file.header;
  if (shape.length === 2 && shape.every((n) => n > 0)) return file;
  throw mismatch(file, '[N, d]', 'reshape with x.reshape(len(x), -1)');
}

/** K: of --classes, else of the weights, else one more than the largest label. */
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
      const remedy = 'renumber with numpy.unique(y, return_inverse=True), or name the number of classes with --classes';
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
  throw notFinite(file, values, 0, 'take weights of a run that did not diverge');
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
