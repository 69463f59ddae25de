import { defineFileDataset } from './dataset.ts';
import { foldersOfPhotographs, inSquares, ownPhotographs } from './photographs.ts';

export const imageFolder = defineFileDataset({
  ...ownPhotographs,
  name: 'image-folder',
  summary: `Any photographs in folders by class; ${inSquares}`,
  format: { kind: 'class-folders' },
  looks: foldersOfPhotographs,
});
