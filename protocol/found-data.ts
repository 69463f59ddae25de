/** What the files of a dataset turned out to hold. It does not enter ids; the parameters that it determines do. */
import { z } from 'zod';
import type { DatasetFile } from './store/dataset-file.ts';

const count = z.int().min(0);

export const foundData = z.object({
  classes: count,
  /** Number of images in each split. */
  train: count,
  test: count,
  /** Smallest and largest of the images' shorter sides, pixels. */
  sides: z.tuple([count, count]),
  /** [height, width, channels] of images that are used unchanged. */
  shape: z.tuple([count, count, count]).optional(),
  /** What was left out and why, for people. */
  skipped: z.array(z.string()).optional(),
});
export type FoundData = z.infer<typeof foundData>;

/** Sees the files of a dataset one by one while they are read for their digest. */
export interface Examiner {
  /** @throws InvalidFilesError for an unsuitable file */
  see(file: DatasetFile, bytes: Uint8Array): void | Promise<void>;
  /** Called after the last file. */
  result(): FoundData;
}
