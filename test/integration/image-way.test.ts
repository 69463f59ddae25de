/** How `make cluster IMAGES=…` brings images to a cluster. */
import { describe, expect, it } from 'vitest';
import { imageWay } from '../../scripts/cluster/image-way.ts';
import { durationText } from '../../scripts/cluster/steps.ts';
import { moreWorkers } from '../../scripts/cluster/trial-images.ts';

const image = { name: 'ncsweep/worker:0.1.0', archive: '/images/worker.tar' };
const way = (text: string, context = 'kind-lab-1') => imageWay(text, context, '/servers/crane');

describe('images', () => {
  it.each([
    ['kind', '', ['kind', 'load', 'image-archive', '/images/worker.tar', '--name', 'lab-1']],
    [
      'containerd:/run/containerd/containerd.sock',
      '',
      ['ctr', '-a', '/run/containerd/containerd.sock', '-n', 'k8s.io', 'images', 'import', '/images/worker.tar'],
    ],
    ['there', '', undefined],
    ...['registry.example.org/lab', 'localhost:5000', 'registry:5000/a/b', 'ghcr.io/me'].map(
      (registry) =>
        [registry, registry, ['/servers/crane', 'push', '/images/worker.tar', `${registry}/ncsweep/worker:0.1.0`]] as const,
    ),
  ] as const)('go there: %s', (text, registry, command) => {
    expect(way(text).registry).toBe(registry);
    expect(way(text).commandFor(image)).toEqual(command);
  });

  it.each([
    '',
    'registry',
    'containerd',
    'containerd:relative',
    'Kind',
    'https://registry.example.org',
    'a b.org',
    'me/lab',
    'ghcr.io/',
  ])('go nowhere, and it says where they could: %j', (text) => {
    expect(() => way(text)).toThrow(/IMAGES: expected kind .* or there .*found/);
  });

  it('go to kind only when the current context is one of its clusters', () => {
    expect(() => way('kind', 'prod')).toThrow('IMAGES=kind: expected a current context such as kind-kind, found "prod"');
  });
});

it.each([
  [400, '0 s'],
  [59_400, '59 s'],
  [59_600, '1 min 0 s'],
  [3_725_000, '62 min 5 s'],
])('%d ms are %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});

describe('images of workers for more backends', () => {
  it('are those that WORKERS names, each once', () => {
    expect(moreWorkers('')).toEqual([]);
    expect(moreWorkers('worker-torch, worker-native worker-torch')).toEqual(['worker-torch', 'worker-native']);
  });

  it('are refused by another name', () => {
    expect(() => moreWorkers('torch')).toThrow('WORKERS: expected worker-torch, worker-native, worker-gpu, found "torch"');
  });
});
