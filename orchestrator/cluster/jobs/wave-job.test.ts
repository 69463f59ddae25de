import { describe, expect, it } from 'vitest';
import { queueOf } from './pod.ts';
import { templateDigest, waveJob, waveName, type WaveOptions } from './wave-job.ts';

const options: WaveOptions = {
  sweep: { name: 'quickstart', namespace: 'lab', uid: '0b5b1b0e-1111-4000-8000-000000000000' },
  taskClass: 'train',
  index: 2,
  size: 5,
  install: 'ours',
  storeLocation: 's3://b/p',
  backend: 'wasm',
  queue: queueOf(),
  memoryStep: 0,
  overlay: undefined,
  template: {
    image: 'worker:1',
    imagePullPolicy: 'IfNotPresent',
    imagePullSecrets: ['pull'],
    environment: [],
    volumes: [],
    volumeMounts: [],
    nodeSelector: {},
    tolerations: [],
    priorityClassName: undefined,
    hostNetwork: false,
    scratch: '1Gi',
    overlay: {},
    resources: { train: { cpu: '4', memory: '16Gi', 'nvidia.com/gpu': '1' }, evaluate: { cpu: '1', memory: '1Gi' } },
  },
};

interface PodSpec {
  readonly containers: readonly {
    readonly env: readonly { readonly name: string; readonly value?: string }[];
    readonly securityContext: object;
  }[];
  readonly volumes: readonly object[];
  readonly terminationGracePeriodSeconds: number;
}

describe('waveJob', () => {
  it('has a name that a pod can carry, different for each wave', () => {
    const long = { ...options, sweep: { ...options.sweep, name: `a${'-b'.repeat(25)}c` } };
    expect(waveName(long).length).toBeLessThanOrEqual(56);
    expect(waveName(long)).toMatch(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/);
    const names = [options, { ...options, index: 3 }, { ...options, taskClass: 'evaluate' as const }].map(waveName);
    expect(new Set(names).size).toBe(3);
  });

  it('asks for what the class needs, and bounds all but the CPU', () => {
    const { spec } = waveJob(options) as {
      spec: { completions: number; parallelism: number; template: { spec: { containers: { resources: object }[] } } };
    };
    expect(spec.completions).toBe(5);
    expect(spec.parallelism).toBe(5);
    expect(spec.template.spec.containers[0]?.resources).toEqual({
      requests: { cpu: '4', memory: '16Gi', 'nvidia.com/gpu': '1' },
      limits: { memory: '16Gi', 'nvidia.com/gpu': '1' },
    });
  });

  it('leaves a worker time to give its task back after its step was cut off, and room on the disk beside its cache', () => {
    const { template } = (waveJob(options) as { spec: { template: { spec: PodSpec } } }).spec;
    const { containers, volumes, terminationGracePeriodSeconds } = template.spec;
    const value = (name: string): number => Number(containers[0]?.env.find((each) => each.name === name)?.value);
    // The worker exits 20 s after it cut off its step (worker/main.ts).
    expect(value('NCSWEEP_STOP_GRACE_MS') + 20_000).toBeLessThan(terminationGracePeriodSeconds * 1000);
    expect(volumes).toContainEqual({ name: 'scratch', emptyDir: { sizeLimit: '1Gi' } });
    expect(value('NCSWEEP_CACHE_BYTES')).toBe(2 ** 29);
  });

  it('keeps its settings whatever the sweep adds', () => {
    const env = [{ name: 'HTTPS_PROXY', value: 'http://proxy' }];
    const overlay = {
      spec: {
        containers: [
          { name: 'worker', env },
          { name: 'more', image: 'more:1' },
        ],
      },
    };
    const plain = waveJob(options) as { spec: { template: { spec: PodSpec } } };
    const { containers, ...rest } = (waveJob({ ...options, overlay }) as typeof plain).spec.template.spec;
    const { containers: before, ...restBefore } = plain.spec.template.spec;
    expect(rest).toEqual(restBefore);
    expect(containers[0]).toEqual({ ...before[0], env: [...before[0]!.env, ...env] });
    expect(containers[1]?.securityContext).toEqual(before[0]?.securityContext);
    expect(templateDigest({ ...options, overlay })).not.toBe(templateDigest(options));
  });

  it('is made suspended for a queue only', () => {
    expect(waveJob(options)).not.toHaveProperty('spec.suspend');
    const queued = waveJob({ ...options, queue: queueOf({ queueName: 'gpu', workloadPriorityClassName: 'high' }) });
    expect(queued).toHaveProperty('spec.suspend', true);
    expect((queued['metadata'] as { labels: object }).labels).toMatchObject({
      'kueue.x-k8s.io/queue-name': 'gpu',
      'kueue.x-k8s.io/priority-class': 'high',
    });
    const unqueued = waveJob({ ...options, queue: queueOf({ workloadPriorityClassName: 'high' }) });
    expect(JSON.stringify(unqueued)).not.toContain('kueue');
  });

  it('has a digest that changes with what pods are made of, and with nothing else', () => {
    const digest = templateDigest(options);
    expect(templateDigest({ ...options, template: { ...options.template } })).toBe(digest);
    for (const change of [
      { ...options, template: { ...options.template, image: 'worker:2' } },
      { ...options, storeLocation: 's3://b/q' },
      { ...options, queue: queueOf({ queueName: 'gpu' }) },
      { ...options, queue: queueOf({ queueName: 'gpu', workloadPriorityClassName: 'high' }) },
    ])
      expect(templateDigest(change)).not.toBe(digest);
  });
});
