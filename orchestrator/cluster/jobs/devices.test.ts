import { describe, expect, it } from 'vitest';
import { gpusOf, type PodDevices } from './devices.ts';

const asks = (limits: Readonly<Record<string, string>>): PodDevices => ({ containers: [{ resources: { limits } }] });

describe('how many GPUs a pod counts as', () => {
  it.each<[string, PodDevices, number]>([
    ['nothing', asks({ memory: '1Gi' }), 0],
    ['two GPUs', asks({ 'nvidia.com/gpu': '2', memory: '1Gi' }), 2],
    ['a seventh of a GPU', asks({ 'nvidia.com/mig-1g.10gb': '1' }), 1 / 7],
    ['two slices of three sevenths', asks({ 'nvidia.com/mig-3g.40gb': '2' }), 6 / 7],
    ['the compute part of a slice', asks({ 'nvidia.com/mig-1c.3g.40gb': '1' }), 3 / 7],
    ['a slice with media engines', asks({ 'nvidia.com/mig-1g.10gb.me': '1' }), 1 / 7],
    ['a shared GPU that no weight is given for', asks({ 'nvidia.com/gpu.shared': '1' }), 1],
    ['a GPU of another vendor', asks({ 'amd.com/gpu': '1' }), 1],
    ['a claim from a template', { resourceClaims: [{ resourceClaimTemplateName: 'one-gpu' }] }, 1],
    [
      'a container before, which gives back what it had',
      { ...asks({ 'nvidia.com/gpu': '1' }), initContainers: [{ resources: { limits: { 'nvidia.com/gpu': '1' } } }] },
      1,
    ],
    [
      'a container beside',
      {
        ...asks({ 'nvidia.com/gpu': '1' }),
        initContainers: [{ restartPolicy: 'Always', resources: { limits: { 'nvidia.com/gpu': '1' } } }],
      },
      2,
    ],
  ])('%s', (_, pod, gpus) => {
    expect(gpusOf(pod, {})).toBeCloseTo(gpus, 9);
  });

  it.each<[string, PodDevices, number]>([
    ['a share of a time-sliced GPU', asks({ 'nvidia.com/gpu.shared': '1' }), 0.25],
    ['a slice of a GPU with four', asks({ 'nvidia.com/mig-1g.6gb': '2' }), 0.5],
    ['a claim of two GPUs', { resourceClaims: [{ resourceClaimTemplateName: 'two-gpus' }] }, 2],
    ['a claim that all pods share', { resourceClaims: [{ resourceClaimName: 'ours' }] }, 0],
  ])('by the weights of the install: %s', (_, pod, gpus) => {
    const weights = { 'nvidia.com/gpu.shared': 0.25, 'nvidia.com/mig-1g.6gb': 0.25, 'two-gpus': 2, ours: 0 };
    expect(gpusOf(pod, weights)).toBe(gpus);
  });
});
