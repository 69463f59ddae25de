import { defineBackend } from './backend.ts';

export const nativeCpu = defineBackend({
  name: 'native-cpu',
  summary: 'TensorFlow.js on TensorFlow (tfjs-node)',
  device: 'cpu',
  repeats: 'equal',
  plugins: ['TypeScript'],
  image: 'worker-native',
  unitSeconds: 0.06,
  setUp: 'make native',
});
