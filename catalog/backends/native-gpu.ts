import { defineBackend } from './backend.ts';

export const nativeGpu = defineBackend({
  name: 'native-gpu',
  summary: 'TensorFlow.js on TensorFlow with CUDA (tfjs-node-gpu), on a machine with an NVIDIA GPU',
  device: 'gpu',
  repeats: 'within tolerance',
  plugins: ['TypeScript'],
  image: 'worker-gpu',
  unitSeconds: 0.001,
  setUp: 'make native-gpu',
});
