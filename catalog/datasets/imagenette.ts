import { defineFileDataset } from './dataset.ts';
import { foldersOfPhotographs, imageNetNormalisation, photographsScience } from './photographs.ts';

export const imagenette = defineFileDataset({
  name: 'imagenette',
  summary: 'Imagenette: ten classes of ImageNet; the centre square, scaled by area averaging',
  science: photographsScience,
  format: { kind: 'class-folders' },
  looks: foldersOfPhotographs,
  classes: 10,
  side: 'chosen',
  channels: 3,
  perClass: { train: 950, test: 390 },
  normalisation: imageNetNormalisation,
});
