import { describe, expect, it } from 'vitest';
import { renderGpu, type GpuResults } from './render.ts';

const cell = {
  what: 'ST seed 1 pgd10',
  verdict: 'within tolerance',
  unlike: ['backend native-cpu → native-gpu'],
  compared: 10,
  differing: 2,
  beyond: 0,
};
const evaluations: GpuResults['evaluations'] = {
  backend: 'native-cpu',
  on: 'native-gpu',
  kind: 'evaluate',
  candidates: 2,
  finished: 2,
  where: [],
  cells: [
    { ...cell, worst: [{ metric: 'nc1', place: 'conv1', difference: 0.001, allowed: 0.01 }] },
    {
      what: 'AT seed 1 fgsm',
      verdict: 'differs',
      compared: 20,
      differing: 5,
      beyond: 1,
      worst: [{ metric: 'accuracy', place: '', difference: 0.5, allowed: 0.02 }],
    },
  ],
};
const library = {
  name: 'libcublas.so.12',
  path: '/there/libcublas.so.13',
  file: 'libcublas.so.13',
  from: 'PyTorch',
  standsIn: true,
};
const cuda: GpuResults['cuda'] = {
  v: 1,
  dryRun: false,
  failed: null,
  found: {
    device: { name: 'a GPU', driver_version: '580' },
    devices: 1,
    report: { required: [library, { name: 'libcufft.so.11', path: null }], optional: [] },
  },
};
const nothing: GpuResults = {
  cuda: undefined,
  device: undefined,
  evaluations: undefined,
  trainings: undefined,
  times: undefined,
};

describe('renderGpu', () => {
  it('counts cells and numbers, shows the worst first and names what failed', () => {
    const text = renderGpu({ ...nothing, evaluations });
    expect(text).toContain('**1 of 2 verified**; 1 of 30 numbers beyond what is allowed, 7 not equal');
    expect(text.indexOf('| accuracy | 0.50 | 0.020 | AT')).toBeLessThan(text.indexOf('| nc1 conv1 |'));
    expect(text).toContain('- AT seed 1 fgsm: differs');
    expect(text).toContain('Tolerances decide, because of backend native-cpu → native-gpu.');
  });

  it('says where each library came from, what stands in and what is missing', () => {
    const text = renderGpu({ ...nothing, cuda });
    expect(text).toContain('| device | name a GPU, driver_version 580 |');
    expect(text).toContain('| libcublas.so.12 | `/there/libcublas.so.13` | PyTorch | stands in |');
    expect(text).toContain('| libcufft.so.11 | not there |');
  });

  it('leaves no stage out: what was not reached or failed is said', () => {
    const text = renderGpu({
      ...nothing,
      device: { v: 1, dryRun: false, failed: 'it computes on the CPU', found: { tf32: 'no' } },
    });
    expect(text).toContain('**Failed:** it computes on the CPU');
    expect(text.match(/\*Not reached\.\*/g)).toHaveLength(5);
  });

  it('marks a dry run, and only that', () => {
    expect(renderGpu({ ...nothing, evaluations })).not.toContain('DRY RUN');
    expect(renderGpu({ ...nothing, evaluations: { ...evaluations, on: 'native-cpu' } })).toContain('DRY RUN');
    expect(renderGpu({ ...nothing, cuda })).not.toContain('DRY RUN');
    expect(renderGpu({ ...nothing, cuda: { ...cuda, dryRun: true } })).toContain('**DRY RUN ON CPU, not a GPU result**');
  });
});
