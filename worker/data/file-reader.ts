/** The input and output of a file reader. Each kind of format in the catalog has one. */
import type { FileDataset } from '@ncsweep/catalog/datasets/dataset';
import type { FileFormat } from '@ncsweep/catalog/datasets/file-format';
import type { FileParams } from '@ncsweep/catalog/datasets';
import type { DatasetFile } from '@ncsweep/protocol/store/dataset-files';
import type { Dataset } from './dataset.ts';

export interface ReadRequest<K extends FileFormat['kind']> {
  readonly dataset: FileDataset;
  readonly format: Extract<FileFormat, { kind: K }>;
  readonly params: FileParams;
  /** In canonical order; their contents match what was planned. */
  readonly files: readonly DatasetFile[];
  /** The bytes of a file, decompressed. */
  readonly read: (file: DatasetFile) => Promise<Uint8Array>;
}

/** @throws BadDataError */
export type FileReader<K extends FileFormat['kind']> = (
  request: ReadRequest<K>,
) => Promise<Pick<Dataset, 'classes' | 'train' | 'test'>>;

/** The file with a name from the dataset's layout. */
export const fileNamed = (files: readonly DatasetFile[], name: string): DatasetFile => files.find((file) => file.name === name)!;
