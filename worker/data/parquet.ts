/** Images in Parquet files, as the Hugging Face hub keeps them. */
import { imagesOf } from '@ncsweep/catalog/datasets';
import { rowsAtOnce } from '@ncsweep/catalog/datasets/examine-parquet';
import { openImageTable, type ImageTable } from '@ncsweep/catalog/datasets/image-table';
import { centreSquare } from './class-folders.ts';
import { BadDataError, type Split, splitInMemory } from './dataset.ts';
import { decodeImage } from './decode-image.ts';
import type { FileReader } from './file-reader.ts';
import { keepExamples } from './subset.ts';

interface Shard {
  readonly place: string;
  readonly table: ImageTable;
  /** Index of its first image in the split. */
  readonly start: number;
}

/** The pixels of the images at `indices`, ascending. */
async function pixelsOf(shards: readonly Shard[], indices: Int32Array, side: number): Promise<Uint8Array> {
  const size = side * side * 3;
  const pixels = new Uint8Array(indices.length * size);
  let next = 0;
  for (const { place, table, start } of shards)
    for (let from = 0; from < table.count && next < indices.length; from += rowsAtOnce) {
      const to = Math.min(table.count, from + rowsAtOnce);
      if (indices[next]! >= start + to) continue;
      const images = await table.images(from, to);
      for (; next < indices.length && indices[next]! < start + to; next += 1) {
        const row = indices[next]! - start;
        pixels.set(centreSquare(await decodeImage(images[row - from]!, `${place} (row ${row})`), side), next * size);
      }
    }
  return pixels;
}

export const readParquetImages: FileReader<'parquet'> = async ({ params, files, read }) => {
  const [side] = imagesOf(params).image;
  const split = async (
    name: 'train' | 'test',
  ): Promise<{ readonly shards: Shard[]; readonly labels: Int32Array; readonly classes: number }> => {
    const shards: Shard[] = [];
    const labels: number[] = [];
    for (const file of files.filter((each) => each.name.startsWith(name))) {
      const table = openImageTable(await read(file), file.path);
      shards.push({ place: file.path, table, start: labels.length });
      for (const label of await table.labels()) labels.push(label);
    }
    const classes = shards[0]?.table.classNames?.length ?? labels.reduce((most, label) => Math.max(most, label), -1) + 1;
    return { shards, labels: Int32Array.from(labels), classes };
  };
  const [train, test] = [await split('train'), await split('test')];
  const unknown = params.classes.find((label) => label >= train.classes);
  if (unknown !== undefined)
    throw new BadDataError(`onlyClasses: ${unknown}; there are ${train.classes} classes, numbered 0 to ${train.classes - 1}`);
  const kept = async ({ shards, labels }: typeof train, perClass: number, place: string): Promise<Split> => {
    const { indices, labels: renumbered } = keepExamples(labels, params.classes, train.classes, perClass, place);
    return splitInMemory(await pixelsOf(shards, indices, side), renumbered);
  };
  return {
    classes: params.classes.length || train.classes,
    train: await kept(train, params.trainPerClass, 'train'),
    test: await kept(test, params.testPerClass, 'test'),
  };
};
