/** Images and labels from array files, in memory. */
import { readArrays, type ArraySplit } from '@ncsweep/catalog/datasets/array-files';
import { BadDataError, type Split, splitInMemory } from './dataset.ts';
import type { FileReader } from './file-reader.ts';
import { keepExamples } from './subset.ts';

/** The examples of a split that are kept. */
function kept(
  { shape, pixels, labels }: ArraySplit,
  only: readonly number[],
  classes: number,
  perClass: number,
  place: string,
): Split {
  const { indices, labels: renumbered } = keepExamples(labels, only, classes, perClass, place);
  const size = shape.reduce((a, b) => a * b, 1);
  const chosen = pixels instanceof Uint8Array ? new Uint8Array(indices.length * size) : new Float32Array(indices.length * size);
  indices.forEach((index, i) => {
    chosen.set(pixels.subarray(index * size, (index + 1) * size), i * size);
  });
  return splitInMemory(chosen, renumbered);
}

export const readArrayDataset: FileReader<'arrays'> = async ({ params, files, read }) => {
  const bytes = await Promise.all(files.map(async (file) => ({ file, bytes: await read(file) })));
  const { classes, train, test } = readArrays(bytes);
  const planned = 'shape' in params ? params.shape : [];
  if (planned.join('×') !== train.shape.join('×'))
    throw new BadDataError(`images of ${train.shape.join('×')}, but ${planned.join('×')} were planned. Plan again`);
  return {
    classes: params.classes.length || classes,
    train: kept(train, params.classes, classes, params.trainPerClass, 'train'),
    test: kept(test, params.classes, classes, params.testPerClass, 'test'),
  };
};
