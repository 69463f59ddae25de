import { defineBackend } from './backend.ts';

export const torchCpu = defineBackend({
  name: 'torch-cpu',
  summary: 'PyTorch on the CPU (ncsweep-torch)',
  device: 'cpu',
  repeats: 'equal',
  plugins: ['Python'],
  image: 'worker-torch',
  unitSeconds: 0.06,
  setUp: 'make torch',
});
