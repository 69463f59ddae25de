import { defineBackend } from './backend.ts';

export const torchCuda = defineBackend({
  name: 'torch-cuda',
  summary: 'PyTorch with CUDA (ncsweep-torch), on a machine with an NVIDIA GPU',
  device: 'gpu',
  repeats: 'within tolerance',
  plugins: ['Python'],
  image: 'worker-torch',
  unitSeconds: 0.001,
  setUp: 'make torch',
});
