/** What the files of a dataset turned out to hold. It enters no id: parameters that it decides do. */
import { z } from 'zod';
import type { DatasetFile } from './store/dataset-file.ts';

const count = z.int().min(0);

export const foundData = z.object({
  classes: count,
  /** Images of each split. */
  train: count,
  test: count,
  /** Shortest and longest of the images' shorter sides, pixels. */
  sides: z.tuple([count, count]),
  /** [height, width, channels] of images that are taken as they are. */
  shape: z.tuple([count, count, count]).optional(),
  /** What was left out and why, for people. */
  skipped: z.array(z.string()).optional(),
});
export type FoundData = z.infer<typeof foundData>;

/** Is shown the files of a dataset one after the other while they are read for their digest. */
export interface Examiner {
  /** @throws InvalidFilesError for a file that is not what it should be */
  see(file: DatasetFile, bytes: Uint8Array): void;
  /** After the last file. */
  result(): FoundData;
}
