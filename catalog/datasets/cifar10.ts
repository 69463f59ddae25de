import { defineFileDataset } from './dataset.ts';

export const cifar10 = defineFileDataset({
  name: 'cifar10',
  summary: 'CIFAR-10, binary version (Krizhevsky 2009)',
  format: {
    kind: 'cifar',
    labelBytes: 1,
    files: { train: [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`), test: ['test_batch.bin'] },
  },
  looks: 'data_batch_1.bin … data_batch_5.bin and test_batch.bin (the binary version of CIFAR-10)',
  classes: 10,
  side: 32,
  channels: 3,
  perClass: { train: 5000, test: 1000 },
  normalisation: { mean: [0.4914, 0.4822, 0.4465], std: [0.2471, 0.2435, 0.2616] },
});
