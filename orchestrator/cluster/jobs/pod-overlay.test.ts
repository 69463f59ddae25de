import { describe, expect, it } from 'vitest';
import { ofWorkers, overlayPod } from './pod-overlay.ts';

const base = {
  metadata: { labels: { ours: 'yes' } },
  spec: {
    restartPolicy: 'Never',
    nodeSelector: { zone: 'a' },
    tolerations: [{ key: 'gpu' }],
    securityContext: { runAsNonRoot: true, runAsUser: 65532 },
    containers: [
      { name: 'worker', image: 'worker:1', env: [{ name: 'A', value: '1' }], volumeMounts: [{ name: 's', mountPath: '/s' }] },
    ],
    volumes: [{ name: 's', emptyDir: {} }],
  },
};
const merged = (spec: object): Record<string, unknown> => overlayPod(base, { spec })['spec'] as Record<string, unknown>;
const secured = {
  securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
};

it("leaves the report's container out of workers", () => {
  const containers = [{ name: 'worker' }, { name: 'report' }, { name: 'beside' }];
  expect(ofWorkers({ spec: { containers } })).toEqual({ spec: { containers: [{ name: 'worker' }, { name: 'beside' }] } });
  expect(ofWorkers({ metadata: {} })).toEqual({ metadata: {} });
});

describe('the overlay of a pod', () => {
  it.each<[string, object, object]>([
    ['fields into fields', { nodeSelector: { kind: 'big' } }, { nodeSelector: { zone: 'a', kind: 'big' } }],
    ['a field that was not there', { priorityClassName: 'low' }, { priorityClassName: 'low' }],
    ['tolerations beside the others', { tolerations: [{ key: 'spot' }] }, { tolerations: [{ key: 'gpu' }, { key: 'spot' }] }],
    [
      'a volume beside the others',
      { volumes: [{ name: 'extra', secret: {} }] },
      {
        volumes: [
          { name: 's', emptyDir: {} },
          { name: 'extra', secret: {} },
        ],
      },
    ],
    ['who the user is', { securityContext: { runAsUser: 1000 } }, { securityContext: { runAsNonRoot: true, runAsUser: 1000 } }],
    [
      'environment and mounts of a container by name and path',
      {
        containers: [
          { name: 'worker', env: [{ name: 'A', value: '2' }, { name: 'B' }], volumeMounts: [{ name: 'x', mountPath: '/x' }] },
        ],
      },
      {
        containers: [
          {
            name: 'worker',
            image: 'worker:1',
            env: [{ name: 'A', value: '2' }, { name: 'B' }],
            volumeMounts: [
              { name: 's', mountPath: '/s' },
              { name: 'x', mountPath: '/x' },
            ],
            ...secured,
          },
        ],
      },
    ],
    [
      'another container, under the same security',
      { initContainers: [{ name: 'look', image: 'busybox', securityContext: { privileged: true } }] },
      { initContainers: [{ name: 'look', image: 'busybox', ...secured }] },
    ],
  ])('merges %s', (_, overlay, expected) => {
    expect(merged(overlay)).toMatchObject(expected);
  });

  it('changes nothing when it is empty, and never the base', () => {
    const before = JSON.stringify(base);
    const plain = overlayPod(base, {}) as typeof base;
    expect(plain).toEqual({ ...base, spec: { ...base.spec, containers: [{ ...base.spec.containers[0], ...secured }] } });
    merged({ volumes: [{ name: 's', secret: {} }], nodeSelector: { zone: 'b' } });
    expect(JSON.stringify(base)).toBe(before);
  });

  it('adds labels', () => {
    expect(overlayPod(base, { metadata: { labels: { team: 'lab' }, annotations: { a: 'b' } } })['metadata']).toEqual({
      labels: { ours: 'yes', team: 'lab' },
      annotations: { a: 'b' },
    });
  });
});
