import { z } from 'zod';
import { defineMadeDataset, perClass } from './dataset.ts';

const margin = z.number().min(-1).max(1);

export const moons = defineMadeDataset({
  name: 'moons',
  summary:
    'Two classes of points in the plane, each on an arc: the second coordinate separates them by a gap, or else only the bend of the arcs does (Pezeshki et al. 2021)',
  fields: {
    margin: margin
      .default(0.1)
      .describe('Half the gap between the classes along the second coordinate; below 0 they overlap there by as much'),
    testMargin: margin.optional().describe('The margin of test data. Default margin'),
    trainPerClass: perClass(150).describe('Training points per class'),
    testPerClass: perClass(1000).describe('Test points per class'),
  },
  smoke: { trainPerClass: 4, testPerClass: 4 },
  // A point x is stored as the pixels 1/2 + x/8, so that the network reads x.
  normalisation: { mean: [0.5], std: [0.125] },
  imagesOf: ({ trainPerClass, testPerClass }) => ({
    image: [1, 2, 1],
    classes: 2,
    perClass: { train: trainPerClass, test: testPerClass },
  }),
  lacks: { classes: 'it has two classes', imageSize: 'its images are the two coordinates of a point' },
  check: (values, refuse) => {
    for (const field of ['trainPerClass', 'testPerClass'] as const)
      if (values[field] === 0) refuse([field], 'at least 1 point per class, because moons generates them', 'write how many');
  },
  settle: ({ testMargin, ...values }) =>
    testMargin === undefined || testMargin === values.margin ? values : { ...values, testMargin },
});
