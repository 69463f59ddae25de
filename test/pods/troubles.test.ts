/** Workers that a real kubelet cannot start, or kills: what a person sees within half a minute, and what recovers by itself. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Condition, SweepStatus } from '@ncsweep/protocol/status';
import { ncsweep } from '../harness/cli-run.ts';
import { ClusterSweeps, smallSpec } from '../harness/cluster-sweeps.ts';
import { RealCluster } from '../harness/real-cluster.ts';

let cluster: RealCluster;
let sweeps: ClusterSweeps;
beforeAll(async () => {
  cluster = await RealCluster.start();
  await cluster.install('podPolicy.commands=true', 'podPolicy.secrets={s3}');
  sweeps = new ClusterSweeps(cluster, () => '');
});
afterAll(async () => {
  await cluster.stop();
});

const call = (...args: string[]) =>
  ncsweep(args, { environment: { ...cluster.s3.environment, KUBECONFIG: cluster.api.kubeconfig } });
const worker = (fields: object, more: object = {}): object => ({
  podTemplate: { spec: { containers: [{ name: 'worker', ...fields }], ...more } },
});
const words = (pattern: RegExp): string => expect.stringMatching(pattern) as string;

interface Trouble {
  readonly name: string;
  readonly namespace: string;
  readonly seed: number;
  readonly execution: object;
  readonly reason: string;
  /** The kubelet's words, and a remedy. */
  readonly message: RegExp;
}
const missingVolume = [{ name: 'tables', configMap: { name: 'tables' } }];
const troubles: readonly Trouble[] = [
  {
    name: 'no-secret',
    namespace: 'bare',
    seed: 1,
    execution: {},
    reason: 'CannotStart',
    message: /Error: secret "s3" not found\. Remedy: create it in namespace bare/,
  },
  {
    name: 'no-key',
    namespace: 'default',
    seed: 2,
    execution: worker({ env: [{ name: 'TOKEN', valueFrom: { secretKeyRef: { name: 's3', key: 'token' } } }] }),
    reason: 'CannotStart',
    message: /Error: couldn't find key token in Secret default\/s3\. Remedy: create it in namespace default/,
  },
  {
    name: 'no-volume',
    namespace: 'default',
    seed: 3,
    execution: worker({ volumeMounts: [{ name: 'tables', mountPath: '/tables' }] }, { volumes: missingVolume }),
    reason: 'CannotStart',
    message:
      /MountVolume\.SetUp failed for volume "tables" : configmap "tables" not found\. Remedy: create it in namespace default/,
  },
  {
    name: 'no-program',
    namespace: 'default',
    seed: 4,
    execution: worker({ command: ['/nothing/here'] }),
    reason: 'CannotStart',
    message: /Error: .*\/nothing\/here.*\. Remedy: check image and command in execution\.podTemplate/s,
  },
];

const makeNamespace = (name: string): Promise<unknown> => cluster.api.call('POST', '/api/v1/namespaces', { metadata: { name } });

describe('a Sweep whose workers cannot start', () => {
  beforeAll(() => makeNamespace('bare'));

  it.each(troubles)('$name: says so within 30 s, in the words of the kubelet', async (of) => {
    const { name, namespace, seed, execution, reason } = of;
    const message = words(of.message);
    await sweeps.make(name, smallSpec({ seed: [seed], execution: { parallelism: 1, ...execution } }), namespace);
    await sweeps.says(name, 'Progressing', { status: 'False', reason, message }, { namespace, seconds: 30 });
    await sweeps.tells(name, { type: 'Warning', reason, message }, namespace);
    for (const command of ['status', 'logs']) {
      const { stdout, stderr } = await call(command, name, '-n', namespace);
      expect(stdout, stderr).toMatch(of.message);
    }
    if (name !== 'no-secret') await call('cancel', name, '-n', namespace);
  });

  it('completes by itself when what is missing is there', async () => {
    const secret = { metadata: { name: 's3' }, stringData: cluster.s3.environment };
    await cluster.api.call('POST', '/api/v1/namespaces/bare/secrets', secret);
    await sweeps.completes('no-secret', 'bare', 300);
  });
});

it('has more memory each time its workers are killed for memory before they work, and completes', async () => {
  const memory = { train: { memory: '60Mi' }, evaluate: { memory: '60Mi' } };
  // With enough memory for a worker to start but not to compute, a task runs out of memory.
  const execution = { parallelism: 1, resources: memory, retries: { outOfMemory: 6 } };
  await sweeps.make('small', smallSpec({ seed: [9], execution }));
  const seen = new Map<string, Condition>();
  const completes = async (): Promise<SweepStatus> => {
    const status = await sweeps.status('small');
    for (const each of status.conditions ?? []) if (each.type === 'Progressing') seen.set(each.reason, each);
    expect(status.phase, JSON.stringify(status.conditions)).toBe('Complete');
    return status;
  };
  const status = await vi.waitFor(completes, { timeout: 360_000, interval: 100 });
  expect(status.failures).toEqual([]);
  const message = words(
    /: OOMKilled: container worker needed more memory than its limit\. Remedy: the next pods get half as much again/,
  );
  expect(seen.get('OutOfMemory')).toMatchObject({ status: 'False', message });
});
