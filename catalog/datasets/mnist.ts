import { defineFileDataset } from './dataset.ts';

const idx = (prefix: string) => ({ images: `${prefix}-images-idx3-ubyte`, labels: `${prefix}-labels-idx1-ubyte` });

export const mnist = defineFileDataset({
  name: 'mnist',
  summary:
    'MNIST (LeCun, Cortes & Burges), plain or gzipped; balanced to 5,000 training images per class, as in arXiv 2311.07444',
  format: { kind: 'idx', files: { train: idx('train'), test: idx('t10k') } },
  looks: 'train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, plain or .gz',
  classes: 10,
  side: 28,
  channels: 1,
  perClass: { train: 5000, test: 1000 },
  trainPerClass: 5000,
  normalisation: { mean: [0.1307], std: [0.3081] },
});
