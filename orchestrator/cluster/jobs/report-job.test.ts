import { describe, expect, it } from 'vitest';
import type { SweepResource } from '../decide/sweep-resource.ts';
import { reportJob, reportOptions, type ReportTemplate } from './report-job.ts';

const template: ReportTemplate = {
  image: 'cli:1',
  imagePullPolicy: 'IfNotPresent',
  imagePullSecrets: ['pull'],
  environment: [
    { name: 'AWS_ROLE_ARN', value: 'arn' },
    { name: 'PROXY', value: 'install' },
  ],
  volumes: [],
  volumeMounts: [],
  nodeSelector: { pool: 'cpu' },
  tolerations: [{ key: 'ours' }],
  priorityClassName: undefined,
  hostNetwork: false,
  scratch: '1Gi',
  resources: { cpu: '1' },
  overlay: { metadata: { labels: { team: 'platform' } }, spec: { schedulerName: 'lab' } },
};
interface Pod {
  readonly metadata: { readonly labels: object };
  readonly spec: Readonly<Record<string, unknown>> & { readonly containers: readonly Readonly<Record<string, unknown>>[] };
}
interface Job {
  readonly metadata: { readonly labels: object };
  readonly spec: { readonly suspend?: boolean; readonly template: Pod };
}
const job = (execution: NonNullable<SweepResource['spec']['execution']>, secretName?: string): Job => {
  const resource = { metadata: { name: 'a', namespace: 'lab', uid: '0b5b1b0e-1', generation: 1 }, spec: { execution } };
  const place = { key: 'k', store: { location: 's3://b/p', secretName } };
  return reportJob(reportOptions({ install: 'ours', template }, resource, place)) as unknown as Job;
};
const podTemplate = {
  metadata: { labels: { team: 'lab' }, annotations: { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false' } },
  spec: {
    serviceAccountName: 'reads-the-bucket',
    imagePullSecrets: [{ name: 'mine' }],
    nodeSelector: { gpu: 'h200' },
    runtimeClassName: 'nvidia',
    tolerations: [{ key: 'spot' }],
    containers: [
      { name: 'worker', env: [{ name: 'CUDA', value: '1' }] },
      { name: 'report', env: [{ name: 'PROXY', value: 'mine' }] },
    ],
    initContainers: [
      { name: 'proxy', image: 'proxy:1', restartPolicy: 'Always' },
      { name: 'fetch', image: 'fetch:1' },
    ],
  },
};

describe("a report's Job", () => {
  it('is that of the install where a sweep says nothing', () => {
    const { metadata, spec } = job({}).spec.template;
    expect(metadata.labels).toMatchObject({ team: 'platform', 'ncsweep.dev/report': 'k' });
    expect(spec).toMatchObject({ schedulerName: 'lab', nodeSelector: { pool: 'cpu' }, tolerations: [{ key: 'ours' }] });
    expect(spec).not.toHaveProperty('priorityClassName');
    expect(job({}).spec).not.toHaveProperty('suspend');
  });

  it('has the queue, the priority and the tolerations of its sweep', () => {
    const { metadata, spec } = job({
      queueName: 'gpu',
      workloadPriorityClassName: 'high',
      priorityClassName: 'low',
      tolerations: [{ key: 'night' }],
    });
    expect(metadata.labels).toMatchObject({ 'kueue.x-k8s.io/queue-name': 'gpu', 'kueue.x-k8s.io/priority-class': 'high' });
    expect(spec.suspend).toBe(true);
    expect(spec.template.spec).toMatchObject({ priorityClassName: 'low', tolerations: [{ key: 'ours' }, { key: 'night' }] });
  });

  it('has what the sweep says of its pods: labels, identity and rights, and what runs beside; not what workers need of nodes', () => {
    const { metadata, spec } = job({ podTemplate }).spec.template;
    expect(metadata).toMatchObject({
      labels: { team: 'lab', 'ncsweep.dev/report': 'k' },
      annotations: podTemplate.metadata.annotations,
    });
    expect(spec).toMatchObject({
      serviceAccountName: 'reads-the-bucket',
      imagePullSecrets: [{ name: 'pull' }, { name: 'mine' }],
      tolerations: [{ key: 'ours' }, { key: 'spot' }],
      nodeSelector: { pool: 'cpu' },
    });
    expect(spec).not.toHaveProperty('runtimeClassName');
    expect(spec.containers.map(({ name }) => name)).toEqual(['report']);
    expect(spec.containers[0]?.['env']).toContainEqual({ name: 'PROXY', value: 'mine' });
    expect(spec['initContainers']).toMatchObject([{ name: 'proxy' }]);
  });

  it('has the credentials of its store, and no others', () => {
    const env = job({}, 'vision-s3').spec.template.spec.containers[0]?.['env'];
    expect(env).toContainEqual({
      name: 'AWS_ACCESS_KEY_ID',
      valueFrom: { secretKeyRef: { name: 'vision-s3', key: 'AWS_ACCESS_KEY_ID' } },
    });
    expect(JSON.stringify(env)).not.toContain('AWS_ROLE_ARN');
  });
});
