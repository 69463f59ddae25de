import { z } from 'zod';
import { defineMadeDataset, imageSize, perClass } from './dataset.ts';

const fields = {
  classes: z.int().min(2).max(1000).default(5).describe('Number of classes'),
  subclasses: z
    .int()
    .min(1)
    .max(100)
    .optional()
    .describe('Images per class to start from, each the label `fine` of its examples. Default 1, without that label'),
  trainPerClass: perClass(100).describe('Training images per class'),
  testPerClass: perClass(40).describe('Test images per class'),
  imageSize: imageSize(16),
};

export const prototypes = defineMadeDataset({
  name: 'prototypes',
  summary: 'Smooth random images, one per class, under shifts, a distractor and noise; generated from its fields and the seed',
  fields,
  smoke: { classes: 10, trainPerClass: 4, testPerClass: 4, imageSize: 64 },
  normalisation: { mean: [0.5], std: [0.2] },
  imagesOf: ({ classes, subclasses, trainPerClass, testPerClass, imageSize: side }) => ({
    image: [side, side, 1],
    classes,
    perClass: { train: trainPerClass, test: testPerClass },
    ...(subclasses === undefined ? {} : { sideLabels: ['fine'] }),
  }),
  check: ({ subclasses = 1, ...values }, refuse) => {
    for (const field of ['trainPerClass', 'testPerClass'] as const) {
      const found = values[field];
      if (found === 0) refuse([field], 'at least 1 image per class, because prototypes generates them', 'write how many');
      else if (found < subclasses)
        refuse([field], 'at least 1 image per subclass', `write ${subclasses} or more, or fewer subclasses`);
    }
  },
  /** A class of one subclass has no other label than itself. */
  settle: ({ subclasses, ...values }) => (subclasses === undefined || subclasses === 1 ? values : { subclasses, ...values }),
});
