import { defineFileDataset } from './dataset.ts';
import { inSquares, ownPhotographs } from './photographs.ts';

export const imageParquet = defineFileDataset({
  ...ownPhotographs,
  name: 'image-parquet',
  summary: `Images in Parquet files, as the Hugging Face hub keeps them; ${inSquares}`,
  format: { kind: 'parquet' },
  looks:
    'train*.parquet and test*.parquet (or validation*), in one or several shards, with a column of encoded images and one of labels',
});
