import { z } from 'zod';
import { defineMadeDataset, perClass } from './dataset.ts';

const length = (standard: number) => z.number().min(0.1).max(1000).default(standard);

export const nonlinearGaussianProcess = defineMadeDataset({
  name: 'nonlinear-gaussian-process',
  summary:
    'Two classes of translation-invariant random signals on a ring that differ by their correlation length alone, saturated by a nonlinearity; or their Gaussian twin of equal mean and covariance (Ingrosso & Goldt 2022)',
  fields: {
    sites: z.int().min(8).max(1024).default(100).describe('Length of a signal'),
    gain: z
      .number()
      .min(0.01)
      .max(100)
      .default(3)
      .describe('Steepness of the nonlinearity: near 0 signals are Gaussian, far above 1 they are ±1'),
    gaussian: z
      .boolean()
      .default(false)
      .describe('Whether signals are Gaussian, with the covariance that the nonlinearity of this gain gives'),
    shortLength: length(2).describe('Correlation length of class 0, in sites'),
    longLength: length(20).describe('Correlation length of class 1, in sites'),
    trainPerClass: perClass(1000).describe('Training signals per class'),
    testPerClass: perClass(500).describe('Test signals per class'),
  },
  smoke: { trainPerClass: 4, testPerClass: 4 },
  // A value x, of variance 1, is stored as the pixel 1/2 + x/16, so that the network reads x.
  normalisation: { mean: [0.5], std: [0.0625] },
  imagesOf: ({ sites, trainPerClass, testPerClass }) => ({
    image: [1, sites, 1],
    classes: 2,
    perClass: { train: trainPerClass, test: testPerClass },
  }),
  lacks: { classes: 'it has two classes', imageSize: 'its images are signals of one row' },
  check: (values, refuse) => {
    for (const field of ['trainPerClass', 'testPerClass'] as const)
      if (values[field] === 0)
        refuse([field], 'at least 1 signal per class, because nonlinear-gaussian-process generates them', 'write how many');
  },
});
