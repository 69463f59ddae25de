/** The reflector and the Lease against a real API server that is killed and started again. */
import { setTimeout as pause } from 'node:timers/promises';
import { KindSource } from '@ncsweep/orchestrator/kube/kind-source';
import { Election } from '@ncsweep/orchestrator/kube/lease';
import { leaseStore } from '@ncsweep/orchestrator/kube/lease-store';
import { keyOf, Reflector } from '@ncsweep/orchestrator/kube/reflector';
import { KubeConfig, type KubernetesObject } from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startKubeApi, type KubeApi } from '../harness/kube-api.ts';

let api: KubeApi;
let config: KubeConfig;
beforeAll(async () => {
  api = await startKubeApi();
  config = new KubeConfig();
  config.loadFromFile(api.kubeconfig);
}, 120_000);
afterAll(() => api.stop());

const maps = '/api/v1/namespaces/default/configmaps';
const make = (name: string) => api.call('POST', maps, { metadata: { name, labels: { mine: 'yes' } } });
const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 120_000, interval: 100 });

it('keeps a copy through pages, changes, and the death of the API server', async () => {
  for (let i = 0; i < 520; i += 40) await Promise.all(Array.from({ length: 40 }, (_, j) => make(`page-${i + j}`)));
  const kind = { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps' };
  const errors: string[] = [];
  const stop = new AbortController();
  const reflector = new Reflector(new KindSource<KubernetesObject>(config, kind, 'default', 'mine=yes'), {
    now: Date.now,
    random: Math.random,
    onChange: () => undefined,
    onError: (error: Error) => errors.push(error.message),
    pause: async (ms, signal) => {
      await pause(ms, undefined, { signal }).catch(() => undefined);
    },
  });
  const running = reflector.run(stop.signal);
  await until(() => expect([...reflector.items()]).toHaveLength(520));
  await make('later');
  await api.call('DELETE', `${maps}/page-0`);
  await until(() => {
    expect(reflector.get('default/later')).toBeDefined();
    expect(reflector.get('default/page-0')).toBeUndefined();
  });
  await api.process.restart(500);
  await vi.waitFor(async () => expect((await make('after')).status).toBe(201), { timeout: 120_000, interval: 200 });
  await until(() => expect(reflector.get('default/after')).toBeDefined());
  expect(new Set([...reflector.items()].map(keyOf)).size).toBe(521);
  expect(reflector.staleMs()).toBeLessThan(60_000);
  stop.abort();
  await running;
}, 400_000);

it('a Lease has one holder, and is given back', async () => {
  const stop = new AbortController();
  const leaders: string[] = [];
  const replica = async (identity: string): Promise<void> => {
    const election = new Election(leaseStore(config, 'default', 'ncsweep'), {
      identity,
      now: Date.now,
      onError: (error: Error) => leaders.push(error.message),
      pause: async (ms, signal) => {
        await pause(ms / 10, undefined, { signal }).catch(() => undefined);
      },
    });
    await election.win(stop.signal);
    leaders.push(identity);
    await election.hold(stop.signal);
  };
  const all = ['a', 'b', 'c'].map(replica);
  await until(() => expect(leaders).toHaveLength(1));
  // Time enough for the others, which ask every few tenths of a second.
  await pause(3_000);
  expect(leaders).toHaveLength(1);
  const { body } = await api.call('GET', '/apis/coordination.k8s.io/v1/namespaces/default/leases/ncsweep');
  expect(body['spec']).toMatchObject({ holderIdentity: leaders[0], leaseDurationSeconds: 15 });
  stop.abort();
  await Promise.allSettled(all);
  const { body: after } = await api.call('GET', '/apis/coordination.k8s.io/v1/namespaces/default/leases/ncsweep');
  expect(after['spec']).toMatchObject({ holderIdentity: '' });
});
