import { defineFileDataset } from './dataset.ts';

export const cifar100 = defineFileDataset({
  name: 'cifar100',
  summary: 'CIFAR-100, binary version, fine labels (Krizhevsky 2009)',
  format: { kind: 'cifar', labelBytes: 2, files: { train: ['train.bin'], test: ['test.bin'] } },
  looks: 'train.bin and test.bin (the binary version of CIFAR-100)',
  classes: 100,
  side: 32,
  channels: 3,
  perClass: { train: 500, test: 100 },
  normalisation: { mean: [0.5071, 0.4865, 0.4409], std: [0.2673, 0.2564, 0.2762] },
});
