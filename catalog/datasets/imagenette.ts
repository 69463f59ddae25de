import { defineFileDataset } from './dataset.ts';
import { foldersOfPhotographs, inSquares, photographs } from './photographs.ts';

export const imagenette = defineFileDataset({
  ...photographs,
  name: 'imagenette',
  summary: `Imagenette: ten classes of ImageNet; ${inSquares}`,
  format: { kind: 'class-folders' },
  looks: foldersOfPhotographs,
  classes: 10,
});
