import { z } from 'zod';
import type { Values } from '../fields.ts';
import type { Refuse } from '../part.ts';
import { defineMadeDataset, imageSize, perClass, type Minority } from './dataset.ts';

const fields = {
  classes: z.int().min(2).max(1000).default(5).describe('Number of classes'),
  subclasses: z
    .int()
    .min(1)
    .max(100)
    .optional()
    .describe('Images per class to start from, each the label `fine` of its examples. Default 1, without that label'),
  minorityClasses: z
    .int()
    .min(1)
    .max(999)
    .optional()
    .describe(
      'How many classes, the last, are a minority: they have metrics of their own, and fewer training images by `imbalance`',
    ),
  imbalance: z
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .describe('Training images of another class for each of a minority class, which has at least one. Default 1'),
  trainPerClass: perClass(100).describe('Training images per class'),
  testPerClass: perClass(40).describe('Test images per class'),
  imageSize: imageSize(16),
};

/** The last classes; each keeps at least one image. */
const minorityOf = (classes: number, minority: number, images: number): Minority => ({
  classes: Array.from({ length: minority }, (_, i) => classes - minority + i),
  trainPerClass: Math.max(1, Math.floor(images)),
});

function checkMinority(
  { classes, subclasses = 1, minorityClasses, imbalance, trainPerClass }: Values<typeof fields>,
  refuse: Refuse,
): void {
  if (minorityClasses === undefined) {
    if (imbalance !== undefined)
      refuse(['imbalance'], 'minorityClasses beside it: how many classes have fewer images', 'add minorityClasses');
    return;
  }
  if (minorityClasses >= classes)
    refuse(['minorityClasses'], `fewer than the ${classes} classes`, 'leave at least one class in the majority');
  if (trainPerClass / (imbalance ?? 1) < subclasses && subclasses > 1)
    refuse(['imbalance'], `at least 1 training image per subclass, so at most ${trainPerClass / subclasses}`, 'lower it');
}

export const prototypes = defineMadeDataset({
  name: 'prototypes',
  summary: 'Smooth random images, one per class, under shifts, a distractor and noise; generated from its fields and the seed',
  fields,
  smoke: { classes: 10, minorityClasses: 1, trainPerClass: 4, testPerClass: 4, imageSize: 64 },
  normalisation: { mean: [0.5], std: [0.2] },
  imagesOf: ({ classes, subclasses, minorityClasses = 0, imbalance = 1, trainPerClass, testPerClass, imageSize: side }) => ({
    image: [side, side, 1],
    classes,
    perClass: { train: trainPerClass, test: testPerClass },
    ...(minorityClasses > 0 && { minority: minorityOf(classes, minorityClasses, trainPerClass / imbalance) }),
    ...(subclasses === undefined ? {} : { sideLabels: ['fine'] }),
  }),
  check: ({ subclasses = 1, ...values }, refuse) => {
    checkMinority({ subclasses, ...values }, refuse);
    for (const field of ['trainPerClass', 'testPerClass'] as const) {
      const found = values[field];
      if (found === 0) refuse([field], 'at least 1 image per class, because prototypes generates them', 'write how many');
      else if (found < subclasses)
        refuse([field], 'at least 1 image per subclass', `write ${subclasses} or more, or fewer subclasses`);
    }
  },
  /** A class of one subclass has no other label than itself; a minority may be as large as the other classes. */
  settle: ({ subclasses = 1, minorityClasses, imbalance = 1, ...values }) => ({
    ...values,
    ...(subclasses > 1 && { subclasses }),
    ...(minorityClasses !== undefined && { minorityClasses, imbalance }),
  }),
});
