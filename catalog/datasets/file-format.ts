/** How datasets are stored in files. The worker has a reader for each kind of format. */
import type { FileLayout } from '@ncsweep/protocol/store/dataset-files';
import { arraySets } from './array-sets.ts';
import { imageExtensions } from './photographs.ts';

type Split = 'train' | 'test';

export type FileFormat =
  /** Records of label bytes, of which the last is used, and 3×32×32 pixel bytes by channel (Krizhevsky 2009). */
  | { readonly kind: 'cifar'; readonly labelBytes: number; readonly files: Readonly<Record<Split, readonly string[]>> }
  /** Images and labels in IDX files: a big-endian header, then bytes (LeCun, Cortes & Burges). */
  | { readonly kind: 'idx'; readonly files: Readonly<Record<Split, { readonly images: string; readonly labels: string }>> }
  /** Photographs in `train/<class>/` and `val/<class>/`; classes are numbered in the order of their names. */
  | { readonly kind: 'class-folders' }
  /** Encoded images and their labels in the columns of Parquet files, of which a split may have several. */
  | { readonly kind: 'parquet' }
  /** Arrays of images and labels, in one of several sets of files. */
  | { readonly kind: 'arrays' };

/** Which files a dataset has. @param classes undefined where only the files give it */
export function layoutOf({ format, classes }: { readonly format: FileFormat; readonly classes: number | undefined }): FileLayout {
  switch (format.kind) {
    case 'cifar':
      return { kind: 'named', names: [...format.files.train, ...format.files.test] };
    case 'idx':
      return { kind: 'named', names: Object.values(format.files).flatMap(({ images, labels }) => [images, labels]) };
    case 'class-folders':
      return { kind: 'class-folders', splits: ['train', 'val'], extensions: imageExtensions, classes };
    case 'parquet':
      return { kind: 'shards' };
    case 'arrays':
      return { kind: 'one-of', sets: arraySets.map(({ names }) => names) };
    default:
      return format satisfies never;
  }
}
