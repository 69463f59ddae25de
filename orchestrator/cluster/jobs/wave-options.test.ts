import type { BackendName } from '@ncsweep/catalog/backends';
import { describe, expect, it } from 'vitest';
import { podTemplate } from '../../testing/seen-sweep.ts';
import type { SweepResource } from '../decide/sweep-resource.ts';
import { templateDigest, type WorkerTemplate } from './wave-job.ts';
import { waveOptions } from './wave-options.ts';

const template: WorkerTemplate = {
  ...podTemplate,
  nodeSelector: { pool: 'gpu' },
  tolerations: [{ key: 'a' }],
  priorityClassName: 'low',
  resources: { train: { cpu: '4', memory: '16Gi', 'nvidia.com/gpu': '1' }, evaluate: { cpu: '1', memory: '1Gi' } },
};
const metadata = { name: 'a', namespace: 'lab', uid: '0b5b1b0e-1111-4000-8000-000000000000', generation: 1 };
const options = (spec: SweepResource['spec'], backend: BackendName = 'native-gpu', memoryStep = 0) =>
  waveOptions(
    { install: 'ours', template },
    { metadata, spec },
    { store: { location: 's3://b/p' }, taskClass: 'train', backend, memoryStep },
  );
const asking = (train: Readonly<Record<string, number | string>>) => ({ execution: { resources: { train } } });

describe('what a sweep makes of its pods', () => {
  it.each<[string, Readonly<Record<string, number | string>>, BackendName, object]>([
    ['nothing: the install decides', {}, 'native-gpu', { cpu: '4', memory: '16Gi', 'nvidia.com/gpu': '1' }],
    ['more memory', { memory: '32Gi' }, 'native-gpu', { cpu: '4', memory: '32Gi', 'nvidia.com/gpu': '1' }],
    ['two GPUs', { 'nvidia.com/gpu': 2 }, 'native-gpu', { cpu: '4', memory: '16Gi', 'nvidia.com/gpu': '2' }],
    ['a part of a GPU', { 'nvidia.com/mig-1g.5gb': 1 }, 'native-gpu', { cpu: '4', memory: '16Gi', 'nvidia.com/mig-1g.5gb': '1' }],
    ['another make', { 'amd.com/gpu': '1' }, 'native-gpu', { cpu: '4', memory: '16Gi', 'amd.com/gpu': '1' }],
    ['no GPU', { 'nvidia.com/gpu': 0 }, 'native-gpu', { cpu: '4', memory: '16Gi' }],
    ['the CPU', {}, 'wasm', { cpu: '4', memory: '16Gi' }],
    [
      'the CPU, and a GPU all the same',
      { 'nvidia.com/gpu': 1 },
      'native-cpu',
      { cpu: '4', memory: '16Gi', 'nvidia.com/gpu': '1' },
    ],
  ])('asks for %s', (_, asked, backend, expected) => {
    expect(options(asking(asked), backend).template.resources.train).toEqual(expected);
  });

  it.each([
    ['16Gi', 0, '16Gi'],
    ['16Gi', 1, '24576Mi'],
    ['16Gi', 2, '36864Mi'],
    ['500M', 1, '716Mi'],
    [1_073_741_824, 1, '1536Mi'],
  ])('memory %s after it did not suffice %i times: %s', (memory, step, expected) => {
    expect(options(asking({ memory }), 'native-gpu', step).template.resources.train['memory']).toBe(expected);
  });

  it("runs the image of the Sweep's backend, and where that has none the install's", () => {
    const images = { 'torch-cpu': 'worker-torch:1', wasm: 'worker-wasm:1' };
    const made = (backend: BackendName) =>
      waveOptions(
        { install: 'ours', template: { ...template, images } },
        { metadata, spec: {} },
        { store: { location: 's3://b/p' }, taskClass: 'train', backend, memoryStep: 0 },
      );
    expect(made('torch-cpu').template.image).toBe('worker-torch:1');
    expect(made('native-cpu').template.image).toBe('worker:1');
    const others = { ...template, image: 'worker-wasm:1' };
    const same = waveOptions(
      { install: 'ours', template: others },
      { metadata, spec: {} },
      { store: { location: 's3://b/p' }, taskClass: 'train', backend: 'wasm', memoryStep: 0 },
    );
    expect(templateDigest(made('wasm')), 'images of other backends replace no wave').toBe(templateDigest(same));
  });

  it('gives pods of more memory another template, so that they take the place of the others', () => {
    const digests = [0, 1, 2].map((step) => templateDigest(options({}, 'native-gpu', step)));
    expect(new Set(digests).size).toBe(3);
  });

  it('mounts the volumes of datasets, each claim once, read-only', () => {
    const [one, two] = ['1'.repeat(64), '2'.repeat(64)];
    const { template: made } = options({
      dataset: [
        { name: 'cifar10', digest: one, volume: { claimName: 'nfs', subPath: 'cifar' } },
        { name: 'mnist', digest: two, volume: { claimName: 'nfs' } },
        { name: 'mnist', as: 'few', digest: two, volume: { claimName: 'nfs' }, trainPerClass: 3 },
        { name: 'prototypes' },
      ],
    });
    expect(made.volumes).toEqual([{ name: 'data-0', persistentVolumeClaim: { claimName: 'nfs', readOnly: true } }]);
    expect(made.volumeMounts).toEqual([
      { name: 'data-0', mountPath: `/data/${one}`, readOnly: true, subPath: 'cifar' },
      { name: 'data-0', mountPath: `/data/${two}`, readOnly: true },
    ]);
  });

  it('adds selectors and tolerations to those of the install', () => {
    const execution = { nodeSelector: { zone: 'b' }, tolerations: [{ key: 'b' }], priorityClassName: 'high' };
    expect(options({ execution }).template).toMatchObject({
      nodeSelector: { pool: 'gpu', zone: 'b' },
      tolerations: [{ key: 'a' }, { key: 'b' }],
      priorityClassName: 'high',
    });
  });
});
