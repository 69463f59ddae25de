/** What is left of a deleted Sweep: nothing or everything, depending on its policy, and never the object itself for long. */
import type { Plan } from '@ncsweep/orchestrator/planning/plan/plan';
import { storeState } from '@ncsweep/orchestrator/engine/store/store-state';
import { keys } from '@ncsweep/protocol/keys';
import { openStore } from '@ncsweep/protocol/store/open-store';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Cluster } from '../harness/cluster.ts';
import { planOf, smallSpec, type ClusterSweeps } from '../harness/cluster-sweeps.ts';
import { sweepsOf } from '../harness/control-plane.ts';
import { listed } from '../harness/pool-sweep.ts';
import { freePort } from '../harness/server-process.ts';
import { stubSeeds } from '../harness/stub-seeds.ts';

let cluster: Cluster;
let sweeps: ClusterSweeps;
beforeAll(async () => {
  cluster = await Cluster.start('deletes', { namespaces: ['bounded'] });
  ({ sweeps } = cluster);
  await cluster.orchestrate({ NCSWEEP_WATCH_NAMESPACE: 'default' });
}, 120_000);
afterAll(() => cluster.stop());

async function make(name: string, more: object): Promise<{ uid: string; plan: Plan }> {
  const spec = smallSpec(more);
  return { uid: await sweeps.make(name, spec), plan: planOf(name, spec) };
}
async function deleted(name: string): Promise<void> {
  await sweeps.remove(name);
  await sweeps.disappears(name);
}
const metadataOf = async (name: string, namespace = 'default'): Promise<unknown> =>
  (await cluster.plane.api.call('GET', `${sweepsOf(namespace)}/${name}`)).body['metadata'];
const patience = { timeout: 120_000, interval: 200 };
const doneOf = async (plan: Plan): Promise<number> =>
  (await storeState(plan, await openStore(cluster.location, 'read'))).done.size;
const keysBelow = async (prefix: string): Promise<string[]> => listed(await openStore(cluster.location, 'read'), prefix);

interface Pod {
  readonly metadata: { readonly name: string };
  readonly status: { readonly phase: string };
}
const podsPath = '/api/v1/namespaces/default/pods';
const podsOf = async (uid: string): Promise<readonly Pod[]> =>
  (await cluster.plane.api.call('GET', `${podsPath}?labelSelector=ncsweep.dev/sweep-uid=${uid}`)).body['items'] as Pod[];
/** Keeps a pod's object, even when its processes have ended. */
async function keepPod(name: string): Promise<void> {
  const patch = [{ op: 'add', path: '/metadata/finalizers/-', value: 'test/kept' }];
  const { status, body } = await cluster.plane.api.call('PATCH', `${podsPath}/${name}`, patch, 'application/json-patch+json');
  expect(status, body.message).toBe(200);
}
async function letPodGo(name: string): Promise<void> {
  const patch = { metadata: { finalizers: [] } };
  await cluster.plane.api.call('PATCH', `${podsPath}/${name}`, patch, 'application/merge-patch+json');
}
const passCount = async (): Promise<number> =>
  Number(/ncsweep_reconcile_seconds_count (\d+)/.exec(await cluster.orchestrator.metrics())?.[1]);
/** Waits until the orchestrator has made so many passes. */
async function passesMade(count: number): Promise<void> {
  const before = await passCount();
  await vi.waitFor(async () => expect(await passCount()).toBeGreaterThanOrEqual(before + count), patience);
}

it('Delete takes the results along that no other Sweep wants; Retain, the default, takes none', async () => {
  const stays = await make('stays', { seed: [503, 504] });
  const goes = await make('goes', { seed: [501, 502, 503], deletionPolicy: 'Delete' });
  await sweeps.completes('stays');
  await sweeps.completes('goes');
  expect(await doneOf(goes.plan)).toBe(goes.plan.cells.size);
  await deleted('goes');
  const shared = [...goes.plan.cells.keys()].filter((cellId) => stays.plan.cells.has(cellId)).length;
  expect(shared).toBeGreaterThan(0);
  expect(await doneOf(goes.plan)).toBe(shared);
  expect(await doneOf(stays.plan)).toBe(stays.plan.cells.size);
  expect(await keysBelow(keys.sweep(goes.uid))).toEqual([]);
  const gone = goes.plan.cells.size - shared;
  const message = `the results of ${gone} cells were deleted, and ${shared} are kept for other sweeps`;
  await sweeps.tells('goes', { reason: 'ResultsDeleted', message });
  await deleted('stays');
  expect(await doneOf(stays.plan)).toBe(stays.plan.cells.size);
});

it('a Sweep that is deleted in mid-sweep leaves no pod and, by Delete, nothing of its results, which outlast its pods', async () => {
  cluster.hold.begin();
  const { plan, uid } = await make('halfway', { seed: ['511..514', stubSeeds.held], deletionPolicy: 'Delete' });
  await sweeps.works('halfway');
  const kept = (await podsOf(uid)).map(({ metadata }) => metadata.name);
  expect(kept).not.toEqual([]);
  for (const name of kept) await keepPod(name);
  await sweeps.remove('halfway');
  const live = async (): Promise<readonly Pod[]> =>
    (await podsOf(uid)).filter(({ status }) => status.phase !== 'Failed' && status.phase !== 'Succeeded');
  await vi.waitFor(async () => expect(await live()).toEqual([]), patience);
  await passesMade(3);
  expect(await doneOf(plan)).toBeGreaterThan(0);
  for (const name of kept) await letPodGo(name);
  await sweeps.disappears('halfway');
  expect(await podsOf(uid)).toEqual([]);
  expect(await doneOf(plan)).toBe(0);
  expect(await keysBelow(keys.sweep(uid))).toEqual([]);
  for (const cellId of plan.cells.keys()) expect(await keysBelow(keys.attempts(cellId))).toEqual([]);
});

it('Retain again, before it is deleted, removes the finalizer', async () => {
  const { plan } = await make('wavers', { seed: [541], deletionPolicy: 'Delete' });
  await sweeps.completes('wavers');
  await sweeps.edit('wavers', { deletionPolicy: 'Retain' });
  await vi.waitFor(async () => expect(await metadataOf('wavers')).not.toHaveProperty('finalizers'), patience);
  await deleted('wavers');
  expect(await doneOf(plan)).toBe(plan.cells.size);
});

it('a store that does not answer holds a Sweep only for a bounded time, and an event says what is left', async () => {
  const namespace = 'bounded';
  const nowhere = `s3://nowhere/x?endpoint=http://127.0.0.1:${await freePort()}&use_path_style=true`;
  await cluster.orchestrate({
    NCSWEEP_INSTALL: 'bounded',
    NCSWEEP_STORE: nowhere,
    NCSWEEP_WATCH_NAMESPACE: namespace,
    NCSWEEP_DELETION_LIMIT_SECONDS: '3',
  });
  await sweeps.make('held', smallSpec({ seed: [551], deletionPolicy: 'Delete' }), namespace);
  const finalizers = { finalizers: ['ncsweep.dev/delete-results'] };
  await vi.waitFor(async () => expect(await metadataOf('held', namespace)).toMatchObject(finalizers), patience);
  await sweeps.remove('held', namespace);
  await sweeps.disappears('held', namespace);
  const message = expect.stringMatching(
    /^not all results were deleted in time: .*; `ncsweep store gc` removes what is left in s3:\/\/nowhere/,
  ) as string;
  await sweeps.tells('held', { reason: 'DeletionTimedOut', message }, namespace);
});
