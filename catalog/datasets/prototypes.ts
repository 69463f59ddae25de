import { z } from 'zod';
import { defineMadeDataset, imageSize, perClass } from './dataset.ts';

export const prototypes = defineMadeDataset({
  name: 'prototypes',
  summary: 'Smooth random images, one per class, under shifts, a distractor and noise; generated from its fields and the seed',
  fields: {
    classes: z.int().min(2).max(1000).default(5).describe('Number of classes'),
    trainPerClass: perClass(100).describe('Training images per class'),
    testPerClass: perClass(40).describe('Test images per class'),
    imageSize: imageSize(16),
  },
  smoke: { classes: 10, trainPerClass: 4, testPerClass: 4, imageSize: 64 },
  normalisation: { mean: [0.5], std: [0.2] },
  imagesOf: ({ classes, trainPerClass, testPerClass, imageSize: side }) => ({
    image: [side, side, 1],
    classes,
    perClass: { train: trainPerClass, test: testPerClass },
  }),
  check: (values, refuse) => {
    for (const field of ['trainPerClass', 'testPerClass'] as const)
      if (values[field] === 0) refuse([field], 'at least 1 image per class, because prototypes generates them', 'write how many');
  },
});
