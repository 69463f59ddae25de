import { defineFileDataset } from './dataset.ts';
import { imageNetNormalisation, photographsScience } from './photographs.ts';

export const imageParquet = defineFileDataset({
  name: 'image-parquet',
  summary: 'Images in Parquet files, as the Hugging Face hub keeps them; the centre square, scaled by area averaging',
  science: photographsScience,
  format: { kind: 'parquet' },
  looks:
    'train*.parquet and test*.parquet (or validation*), in one or several shards, with a column of encoded images and one of labels',
  classes: undefined,
  side: 'chosen',
  keepsSize: true,
  channels: 3,
  perClass: { train: 950, test: 390 },
  normalisation: imageNetNormalisation,
});
