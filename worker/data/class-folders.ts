/** Folders of photographs, `train/<class>/…` and `val/<class>/…` (the layout of Imagenette and torchvision). */
import { imagesOf } from '@ncsweep/catalog/datasets';
import type { DatasetFile } from '@ncsweep/protocol/store/dataset-files';
import { BadDataError, type Split, splitInMemory } from './dataset.ts';
import { decodeImage, type Bitmap } from './decode-image.ts';
import type { FileReader } from './file-reader.ts';
import { keepExamples } from './subset.ts';

/** The overlap of source pixels with each target pixel, along one axis of the centred square. */
function spans(length: number, square: number, side: number): { first: number; weights: number[] }[] {
  const start = (length - square) / 2;
  const step = square / side;
  return Array.from({ length: side }, (_, i) => {
    const [from, to] = [start + i * step, start + (i + 1) * step];
    const first = Math.floor(from);
    const weights: number[] = [];
    for (let at = first; at < to && at < length; at += 1) weights.push((Math.min(to, at + 1) - Math.max(from, at)) / step);
    return { first, weights };
  });
}

/** The centred square, scaled by area averaging. @returns RGB bytes [side,side,3] */
export function centreSquare({ width, height, data }: Bitmap, side: number): Uint8Array {
  const square = Math.min(width, height);
  const [columns, rows] = [spans(width, square, side), spans(height, square, side)];
  const out = new Uint8Array(side * side * 3);
  rows.forEach((row, y) =>
    columns.forEach((column, x) => {
      const sum = [0, 0, 0];
      row.weights.forEach((wy, j) =>
        column.weights.forEach((wx, i) => {
          const at = 3 * ((row.first + j) * width + column.first + i);
          for (let c = 0; c < 3; c += 1) sum[c]! += wy * wx * data[at + c]!;
        }),
      );
      for (let c = 0; c < 3; c += 1) out[3 * (y * side + x) + c] = Math.round(sum[c]!);
    }),
  );
  return out;
}

const partsOf = ({ name }: DatasetFile): { split: string; folder: string } => {
  const [split = '', folder = ''] = name.split('/');
  return { split, folder };
};

/** Classes are the sorted folder names; files whose splits have different classes were refused earlier. */
const classFolders = (files: readonly DatasetFile[]): string[] => [...new Set(files.map((file) => partsOf(file).folder))].sort();

export const readClassFolders: FileReader<'class-folders'> = async ({ params, files, read }) => {
  const folders = classFolders(files);
  const unknown = params.classes.find((label) => label >= folders.length);
  if (unknown !== undefined)
    throw new BadDataError(
      `onlyClasses: ${unknown}; there are ${folders.length} class folders, numbered 0 to ${folders.length - 1} by name`,
    );
  const [side] = imagesOf(params).image;
  const split = async (name: string, perClass: number): Promise<Split> => {
    const there = files.filter((file) => partsOf(file).split === name);
    const labels = there.map((file) => folders.indexOf(partsOf(file).folder));
    const kept = keepExamples(labels, params.classes, folders.length, perClass, name);
    const pixels = new Uint8Array(kept.indices.length * side * side * 3);
    for (const [i, index] of kept.indices.entries()) {
      const file = there[index]!;
      pixels.set(centreSquare(await decodeImage(await read(file), file.path), side), i * side * side * 3);
    }
    return splitInMemory(pixels, kept.labels);
  };
  return {
    classes: params.classes.length || folders.length,
    train: await split('train', params.trainPerClass),
    test: await split('val', params.testPerClass),
  };
};
