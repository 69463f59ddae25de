/** Which examples of a split are kept: deterministic, in file order. */
import { BadDataError, splitInMemory, type Split } from './dataset.ts';

export interface Kept {
  /** Indices into the split, ascending. */
  readonly indices: Int32Array;
  /** Renumbered 0..K-1 in ascending order of the original labels. */
  readonly labels: Int32Array;
}

/**
 * @param labels original labels [N]
 * @param classes original labels to keep; empty: all of 0..count-1
 * @param perClass examples kept per class; 0: all
 * @param place names the split in errors
 * @throws BadDataError for a class without examples
 */
export function keepExamples(
  labels: ArrayLike<number>,
  classes: readonly number[],
  count: number,
  perClass: number,
  place: string,
): Kept {
  const wanted = classes.length > 0 ? classes : Array.from({ length: count }, (_, c) => c);
  const renumbered = new Map(wanted.map((label, i) => [label, i]));
  const taken = new Int32Array(wanted.length);
  const kept: [number, number][] = [];
  for (let i = 0; i < labels.length; i += 1) {
    const label = renumbered.get(labels[i]!);
    if (label === undefined || (perClass > 0 && taken[label]! >= perClass)) continue;
    taken[label]! += 1;
    kept.push([i, label]);
  }
  const empty = taken.indexOf(0);
  if (empty !== -1)
    throw new BadDataError(`${place}: no image of class ${wanted[empty]}; expected at least one. Are these the right files?`);
  return { indices: Int32Array.from(kept, ([i]) => i), labels: Int32Array.from(kept, ([, label]) => label) };
}

/** A split of equal-sized images in memory. @param pixels bytes [N,H,W,C] */
export function keptSplit(pixels: Uint8Array, size: number, kept: Kept): Split {
  const bytes = new Uint8Array(kept.indices.length * size);
  kept.indices.forEach((index, i) => bytes.set(pixels.subarray(index * size, (index + 1) * size), i * size));
  return splitInMemory(bytes, kept.labels);
}
