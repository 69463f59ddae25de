/** A sweep that takes seconds: two classes of 8×8 images, an MLP of two units, two epochs, FGSM. */
import { exampleSweep, grid, recipe } from '@ncsweep/catalog/testing/example-sweep';
import { madeDatasetDigest } from '@ncsweep/catalog/datasets';
import type { Sweep } from '@ncsweep/catalog/sweep';

const data = { name: 'prototypes', classes: 2, trainPerClass: 8, testPerClass: 4, imageSize: 8 } as const;

export const tinySweep: Sweep = {
  ...exampleSweep,
  name: 'tiny',
  datasets: [{ name: 'prototypes', params: { ...data, digest: madeDatasetDigest(data) } }],
  architectures: [{ name: 'mlp', params: { name: 'mlp', width: 2, depth: 1 } }],
  trainings: [{ name: 'ST', params: recipe({ epochs: 2, batchSize: 8 }) }],
  seeds: [1],
  snapshots: [],
  grids: [
    grid('robustness', {
      epochs: [1, 'last'],
      attacks: [{ name: 'fgsm', params: { kind: 'fgsm', target: 'none' } }],
      epsilons: ['0/1', '4/255', '8/255'].map((value) => ({ label: value, value })),
    }),
  ],
  execution: { ...exampleSweep.execution, parallelism: 2, evaluationBatchSize: 8 },
};
