import { describe, expect, it } from 'vitest';
import { chartPodPolicy } from '../../testing/chart-pod-policy.ts';
import { forbiddenInPods, type PodPolicy } from './pod-policy.ts';

const forbidden = (execution: object, policy: Partial<PodPolicy> = {}): string | undefined =>
  forbiddenInPods({ spec: { execution } }, { ...chartPodPolicy, ...policy });
const pod = (spec: object): object => ({ podTemplate: { spec } });
const worker = (container: object): object => pod({ containers: [{ name: 'worker', ...container }] });

const names: readonly (readonly [string, object, keyof PodPolicy, string])[] = [
  ['a service account', pod({ serviceAccountName: 'lab-x' }), 'serviceAccounts', 'podTemplate.spec.serviceAccountName'],
  ['a priority', { priorityClassName: 'lab-x' }, 'priorityClasses', 'priorityClassName'],
  [
    'a place in a queue',
    { queueName: 'gpu', workloadPriorityClassName: 'lab-x' },
    'workloadPriorityClasses',
    'workloadPriorityClassName',
  ],
  ['a priority of its pods', pod({ priorityClassName: 'lab-x' }), 'priorityClasses', 'podTemplate.spec.priorityClassName'],
  ['an image', worker({ image: 'lab-x' }), 'images', 'podTemplate.spec.containers[0].image'],
  [
    'an image beside',
    pod({ initContainers: [{ name: 'a', image: 'lab-x' }] }),
    'images',
    'podTemplate.spec.initContainers[0].image',
  ],
  [
    'a key of a Secret',
    worker({
      env: [
        { name: 'A', value: '1' },
        { name: 'B', valueFrom: { secretKeyRef: { name: 'lab-x', key: 'k' } } },
      ],
    }),
    'secrets',
    'podTemplate.spec.containers[0].env[1].valueFrom.secretKeyRef.name',
  ],
  [
    'a Secret',
    worker({ envFrom: [{ secretRef: { name: 'lab-x' } }] }),
    'secrets',
    'podTemplate.spec.containers[0].envFrom[0].secretRef.name',
  ],
  [
    'a Secret as a volume',
    pod({ volumes: [{ name: 'v', secret: { secretName: 'lab-x' } }] }),
    'secrets',
    'podTemplate.spec.volumes[0].secret.secretName',
  ],
  [
    'a Secret among others',
    pod({ volumes: [{ name: 'v', projected: { sources: [{ secret: { name: 'lab-x' } }] } }] }),
    'secrets',
    'podTemplate.spec.volumes[0].projected.sources[0].secret.name',
  ],
  [
    'a Secret to pull with',
    pod({ imagePullSecrets: [{ name: 'lab-x' }] }),
    'secrets',
    'podTemplate.spec.imagePullSecrets[0].name',
  ],
  [
    'a driver of volumes',
    pod({ volumes: [{ name: 'v', csi: { driver: 'lab-x' } }] }),
    'csiDrivers',
    'podTemplate.spec.volumes[0].csi.driver',
  ],
  [
    'a ConfigMap',
    worker({ envFrom: [{ configMapRef: { name: 'lab-x' } }] }),
    'configMaps',
    'podTemplate.spec.containers[0].envFrom[0].configMapRef.name',
  ],
];

describe('what an install lets a Sweep say of pods', () => {
  it.each(names)('%s: only by a name that it allows', (_, execution, allowed, at) => {
    const none = { [allowed]: [] };
    expect(forbidden(execution, none)).toBe(
      `execution.${at}: podPolicy.${allowed} allows nothing, found lab-x. Remedy: leave it out, or ask an administrator of the install to allow it (podPolicy of the chart)`,
    );
    for (const pattern of ['lab-y', 'lab', 'x', 'lab-', 'l.b-x', '*-y', ''])
      expect(forbidden(execution, { [allowed]: [pattern] }), pattern).toContain('found lab-x');
    for (const pattern of ['lab-x', 'lab-*', '*', '*-x', 'l*x'])
      expect(forbidden(execution, { [allowed]: ['other', pattern] })).toBeUndefined();
  });

  it('other programs, only where it allows them', () => {
    const execution = worker({ command: ['sh'], args: ['-c', 'env'] });
    expect(forbidden(execution)).toMatch(/containers\[0\]\.command: podPolicy\.commands allows nothing.*containers\[0\]\.args/);
    expect(forbidden(execution, { commands: true })).toBeUndefined();
  });

  it('everything at once, when it is asked too much', () => {
    const spec = {
      serviceAccountName: 'builder',
      containers: [{ name: 'worker', image: 'evil', envFrom: [{ secretRef: { name: 'any' } }] }],
    };
    expect(forbidden(pod(spec))?.match(/podPolicy\.\w+ allows/g)).toHaveLength(3);
  });

  it('whatever gives no rights', () => {
    const spec = {
      nodeSelector: { zone: 'a' },
      tolerations: [{ key: 'spot' }],
      volumes: [
        { name: 'v', emptyDir: {} },
        { name: 'c', configMap: { name: 'ca' } },
        { name: 'd', persistentVolumeClaim: { claimName: 'nfs' } },
      ],
      containers: [
        { name: 'worker', env: [{ name: 'HTTPS_PROXY', value: 'http://proxy' }], volumeMounts: [{ name: 'v', mountPath: '/v' }] },
      ],
    };
    expect(forbidden({ ...pod(spec), queueName: 'gpu', resources: { train: { memory: '1Gi' } } })).toBeUndefined();
    expect(forbiddenInPods({ spec: {} }, chartPodPolicy)).toBeUndefined();
  });

  it('nothing that it cannot read: what is no template is refused elsewhere', () => {
    for (const template of [1, 'x', [], { spec: 3 }, { spec: { containers: {} } }, { spec: { containers: [1, null] } }])
      expect(forbidden({ podTemplate: template })).toBeUndefined();
  });
});
