/**
 * The made dataset `prototypes`: K smooth random images, seen through small shifts, a smooth distractor and pixel noise.
 *
 *   x = clip(1/2 + a · shift(P_y) + 0.12 · D + 0.05 · n, 0, 1),   a = 0.10 · U(0.6, 1.4),   shift ∈ {−1, 0, 1}²
 *
 * P_y (one per class) and D (one per example) are N(0,1) fields smoothed by a periodic Gaussian of σ = 1.5 pixels and scaled to zero mean
 * and unit RMS; n is N(0,1) per pixel. Labels cycle through the classes. The sweep's seed changes prototypes and examples alike.
 *
 * With S subclasses there are K·S prototypes P_f; example i has the fine label f = i mod K·S and the class y = f mod K.
 *
 * Minority classes keep their first training examples, so that data of different imbalance differ in nothing else.
 */
import { imagesOf } from '@ncsweep/catalog/datasets';
import type { Minority } from '@ncsweep/catalog/datasets/dataset';
import { fillNormal, randomKey, uniforms } from '../random.ts';
import { splitInMemory, type Generator, type Split } from './dataset.ts';

const smoothing = 1.5;
const amplitude = 0.1;
const distractor = 0.12;
const noise = 0.05;

export const makePrototypes: Generator<'prototypes'> = (params, seed) => {
  const { classes, subclasses = 1, imageSize: side } = params;
  const { minority } = imagesOf(params);
  const fields = Array.from({ length: classes * subclasses }, (_, c) => smoothField(randomKey(seed, 'data/prototype'), c, side));
  return {
    train: labelled(
      makeSplit(fields, seed, 'train', keptIndices(classes, params.trainPerClass, minority), side),
      classes,
      subclasses,
    ),
    test: labelled(makeSplit(fields, seed, 'test', keptIndices(classes, params.testPerClass), side), classes, subclasses),
  };
};

/** Indices of the examples of a split, of which each class takes every K-th. */
function keptIndices(classes: number, perClass: number, minority?: Minority): readonly number[] {
  const few = new Set(minority?.classes);
  const all = Array.from({ length: classes * perClass }, (_, i) => i);
  return all.filter((i) => !few.has(i % classes) || Math.floor(i / classes) < minority!.trainPerClass);
}

/** A split whose labels are those of prototypes, under the labels of classes. */
const labelled = (split: Split, classes: number, subclasses: number): Split =>
  subclasses === 1 ? split : { ...split, labels: split.labels.map((f) => f % classes), sideLabels: { fine: split.labels } };

function makeSplit(fields: readonly Float64Array[], seed: number, name: string, kept: readonly number[], side: number): Split {
  const keys = {
    shape: randomKey(seed, `data/${name}/shape`),
    distractor: randomKey(seed, `data/${name}/distractor`),
    noise: randomKey(seed, `data/${name}/noise`),
  };
  const labels = Int32Array.from(kept, (i) => i % fields.length);
  const pixels = new Float32Array(kept.length * side * side);
  const grain = new Float32Array(side * side);
  for (const [slot, i] of kept.entries()) {
    const [strength, down, right] = uniforms(keys.shape, i, 3) as unknown as [number, number, number];
    const scale = amplitude * (0.6 + 0.8 * strength);
    const shift = [Math.floor(3 * down) - 1, Math.floor(3 * right) - 1] as const;
    const blur = smoothField(keys.distractor, i, side);
    fillNormal(keys.noise, i, grain);
    const field = fields[labels[slot]!]!;
    for (let at = 0; at < side * side; at++) {
      const value = 0.5 + scale * field[shifted(at, side, shift)]! + distractor * blur[at]! + noise * grain[at]!;
      pixels[slot * side * side + at] = Math.min(1, Math.max(0, value));
    }
  }
  return splitInMemory(pixels, labels);
}

/** Index of the pixel that a periodic shift brings to `at`. */
function shifted(at: number, side: number, [down, right]: readonly [number, number]): number {
  const row = (Math.floor(at / side) - down + side) % side;
  const column = ((at % side) - right + side) % side;
  return row * side + column;
}

/** N(0,1) noise smoothed by a periodic Gaussian, with zero mean and unit RMS [side·side]. */
function smoothField(key: ReturnType<typeof randomKey>, index: number, side: number): Float64Array {
  const raw = new Float32Array(side * side);
  fillNormal(key, index, raw);
  const taps = Array.from({ length: 9 }, (_, i) => Math.exp(-((i - 4) ** 2) / (2 * smoothing ** 2)));
  const rows = blur(Float64Array.from(raw), side, taps, 1);
  const field = blur(rows, side, taps, side);
  const mean = field.reduce((a, b) => a + b, 0) / field.length;
  const rms = Math.sqrt(field.reduce((a, b) => a + (b - mean) ** 2, 0) / field.length);
  return field.map((v) => (v - mean) / rms);
}

/** One-dimensional periodic convolution along the axis whose neighbours are `stride` apart (1: columns, side: rows). */
function blur(values: Float64Array, side: number, taps: readonly number[], stride: number): Float64Array {
  const out = new Float64Array(values.length);
  for (let at = 0; at < values.length; at++) {
    const position = Math.floor(at / stride) % side;
    const base = at - position * stride;
    let sum = 0;
    taps.forEach((tap, i) => (sum += tap * values[base + ((position + i - 4 + 4 * side) % side) * stride]!));
    out[at] = sum;
  }
  return out;
}
