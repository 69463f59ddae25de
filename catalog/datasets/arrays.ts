import { defineFileDataset } from './dataset.ts';
import { arraySets } from './array-sets.ts';

export const arrays = defineFileDataset({
  name: 'arrays',
  summary:
    'Any images of one size as arrays: .npz of NumPy, Keras or MedMNIST, .npy, or IDX like MNIST. Grey or colour, bytes or floats in [0,1]',
  format: { kind: 'arrays' },
  looks: arraySets.map(({ looks }) => looks).join('; or '),
  classes: undefined,
  side: 'own',
  channels: 3,
  perClass: { train: 1000, test: 200 },
  normalisation: { mean: [0.5], std: [0.5] },
});
