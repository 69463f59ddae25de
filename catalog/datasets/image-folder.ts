import { defineFileDataset } from './dataset.ts';
import { foldersOfPhotographs, imageNetNormalisation, photographsScience } from './photographs.ts';

export const imageFolder = defineFileDataset({
  name: 'image-folder',
  summary: 'Any photographs in folders by class; the centre square, scaled by area averaging',
  science: photographsScience,
  format: { kind: 'class-folders' },
  looks: foldersOfPhotographs,
  classes: undefined,
  side: 'chosen',
  keepsSize: true,
  channels: 3,
  perClass: { train: 950, test: 390 },
  normalisation: imageNetNormalisation,
});
