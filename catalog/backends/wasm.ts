import { defineBackend } from './backend.ts';

export const wasm = defineBackend({
  name: 'wasm',
  summary: 'TensorFlow.js on WebAssembly, with our own convolution gradients; slower, but always available',
  device: 'cpu',
  repeats: 'equal',
  plugins: ['TypeScript'],
  image: 'worker',
  unitSeconds: 0.2,
});
