/** What is left of a deleted Sweep: nothing or everything, depending on its policy, and never the object itself for long. */
import { planSweep, type Plan } from '@ncsweep/orchestrator/planning/plan/plan';
import { storeState } from '@ncsweep/orchestrator/engine/store/store-state';
import { readSweep } from '@ncsweep/orchestrator/planning/spec/read-sweep';
import { keys } from '@ncsweep/protocol/keys';
import type { SweepStatus } from '@ncsweep/protocol/status';
import { openStore } from '@ncsweep/protocol/store/open-store';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { ControlPlane, sweepsOf, type Orchestrator } from '../harness/control-plane.ts';
import { PodRunner } from '../harness/pod-runner.ts';
import { freePort } from '../harness/server-process.ts';
import { stubCompute } from '../harness/stub-seeds.ts';

let plane: ControlPlane;
let runner: PodRunner;
let location = '';
let orchestrator: Orchestrator;
beforeAll(async () => {
  plane = await ControlPlane.start();
  await plane.installCrd();
  location = await plane.s3.bucket('deletion-bucket');
  runner = new PodRunner(plane.api, stubCompute);
  runner.start();
  orchestrator = await plane.orchestrator({
    NCSWEEP_INSTALL: 'deletes',
    NCSWEEP_STORE: location,
    NCSWEEP_WATCH_NAMESPACE: 'default',
  });
}, 120_000);
afterAll(async () => {
  await orchestrator.stop();
  await runner.stop();
  await plane.stop();
});

const document = (name: string, spec: object) => ({
  apiVersion: 'ncsweep.dev/v1alpha1',
  kind: 'Sweep',
  metadata: { name },
  spec: {
    dataset: [{ name: 'prototypes', classes: 2, trainPerClass: 8, testPerClass: 4, imageSize: 8 }],
    architecture: [{ name: 'mlp', width: 2, depth: 1 }],
    training: [{ name: 'ST', epochs: 2, batchSize: 8 }],
    grids: [{ name: 'g', attack: [{ name: 'fgsm', kind: 'fgsm' }], epsilon: ['4/255'] }],
    execution: { parallelism: 2 },
    ...spec,
  },
});
async function make(name: string, spec: object, namespace = 'default'): Promise<{ uid: string; plan: Plan }> {
  const { status, body } = await plane.api.call('POST', sweepsOf(namespace), document(name, spec));
  expect(status, body.message).toBe(201);
  const bytes = new TextEncoder().encode(JSON.stringify(document(name, spec)));
  const { sweep } = readSweep({ bytes, file: 'x', set: [] });
  const { uid } = body['metadata'] as { uid: string };
  return { uid, plan: planSweep(sweep, 'wasm', sweep.execution.evaluationBatchSize) };
}
const read = (name: string, namespace = 'default') => plane.api.call('GET', `${sweepsOf(namespace)}/${name}`);
const within = (seconds: number) => ({ timeout: seconds * 1000, interval: 200 });
async function reaches(name: string, check: (status: SweepStatus) => void): Promise<void> {
  const look = async (): Promise<void> => check(((await read(name)).body['status'] as SweepStatus | undefined) ?? {});
  await vi.waitFor(look, within(60));
}
async function disappears(name: string, namespace = 'default'): Promise<void> {
  await plane.api.call('DELETE', `${sweepsOf(namespace)}/${name}`);
  const look = async (): Promise<void> => expect((await read(name, namespace)).status).toBe(404);
  await vi.waitFor(look, within(60));
}
const doneOf = async (plan: Plan): Promise<number> => (await storeState(plan, await openStore(location, 'read'))).done.size;
async function keysBelow(prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of (await openStore(location, 'read')).list(prefix)) found.push(key);
  return found;
}
async function said(name: string, reason: string, namespace = 'default'): Promise<string> {
  const look = async (): Promise<string> => {
    const { body } = await plane.api.call('GET', `/api/v1/namespaces/${namespace}/events`);
    const events = body['items'] as { involvedObject: { name: string }; reason: string; message: string }[];
    const found = events.find((event) => event.involvedObject.name === name && event.reason === reason);
    expect(found, JSON.stringify(events.map((event) => event.reason))).toBeDefined();
    return found!.message;
  };
  return vi.waitFor(look, within(10));
}
const isComplete = ({ phase }: SweepStatus): void => expect(phase).toBe('Complete');

it('Delete takes the results along that no other Sweep wants; Retain, the default, takes none', async () => {
  const stays = await make('stays', { seed: [503, 504] });
  const goes = await make('goes', { seed: [501, 502, 503], deletionPolicy: 'Delete' });
  await reaches('stays', isComplete);
  await reaches('goes', isComplete);
  expect(await doneOf(goes.plan)).toBe(goes.plan.cells.size);
  await disappears('goes');
  const shared = [...goes.plan.cells.keys()].filter((cellId) => stays.plan.cells.has(cellId)).length;
  expect(shared).toBeGreaterThan(0);
  expect(await doneOf(goes.plan)).toBe(shared);
  expect(await doneOf(stays.plan)).toBe(stays.plan.cells.size);
  expect(await keysBelow(keys.sweep(goes.uid))).toEqual([]);
  const gone = goes.plan.cells.size - shared;
  expect(await said('goes', 'ResultsDeleted')).toBe(
    `the results of ${gone} cells were deleted, ${shared} are kept for other sweeps`,
  );
  await disappears('stays');
  expect(await doneOf(stays.plan)).toBe(stays.plan.cells.size);
});

it('a Sweep that is deleted in mid-sweep leaves no pod and, by Delete, nothing of its results', async () => {
  const { plan, uid } = await make('halfway', { seed: ['511..530'], deletionPolicy: 'Delete' });
  await reaches('halfway', ({ counters }) => expect(counters?.done ?? 0).toBeGreaterThan(1));
  await disappears('halfway');
  expect(await doneOf(plan)).toBe(0);
  expect(await keysBelow(keys.sweep(uid))).toEqual([]);
  for (const cellId of plan.cells.keys()) expect(await keysBelow(keys.attempts(cellId))).toEqual([]);
});

it('Retain again, before it is deleted, removes the finalizer', async () => {
  const { plan } = await make('wavers', { seed: [541], deletionPolicy: 'Delete' });
  await reaches('wavers', isComplete);
  const patch = { spec: { deletionPolicy: 'Retain' } };
  await plane.api.call('PATCH', `${sweepsOf('default')}/wavers`, patch, 'application/merge-patch+json');
  const look = async (): Promise<void> => expect((await read('wavers')).body['metadata']).not.toHaveProperty('finalizers');
  await vi.waitFor(look, within(10));
  await disappears('wavers');
  expect(await doneOf(plan)).toBe(plan.cells.size);
});

it('a store that does not answer holds a Sweep only for a bounded time, and an event says what is left', async () => {
  await plane.api.call('POST', '/api/v1/namespaces', { metadata: { name: 'bounded' } });
  const nowhere = `s3://nowhere/x?endpoint=http://127.0.0.1:${await freePort()}&use_path_style=true`;
  const impatient = await plane.orchestrator({
    NCSWEEP_INSTALL: 'bounded',
    NCSWEEP_STORE: nowhere,
    NCSWEEP_WATCH_NAMESPACE: 'bounded',
    NCSWEEP_DELETION_LIMIT_SECONDS: '3',
  });
  try {
    await make('held', { seed: [551], deletionPolicy: 'Delete' }, 'bounded');
    const held = async (): Promise<void> =>
      expect((await read('held', 'bounded')).body['metadata']).toMatchObject({ finalizers: ['ncsweep.dev/delete-results'] });
    await vi.waitFor(held, within(60));
    await disappears('held', 'bounded');
    const message = await said('held', 'DeletionTimedOut', 'bounded');
    expect(message).toMatch(
      /^not all results were deleted in time: .*; `ncsweep store gc` removes what is left in s3:\/\/nowhere/,
    );
  } finally {
    await impatient.stop();
  }
});
