import { defineBackend } from './backend.ts';

export const wasm = defineBackend({
  name: 'wasm',
  summary: 'TensorFlow.js on WebAssembly, with convolution gradients of ours; slower, always there',
  device: 'cpu',
  repeats: 'equal',
  image: 'worker',
  unitSeconds: 0.2,
});
