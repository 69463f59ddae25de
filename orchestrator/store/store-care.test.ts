import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { exampleSweep } from '@ncsweep/protocol/claims/example-sweep';
import { keys } from '@ncsweep/protocol/keys';
import { DirectoryStore } from '@ncsweep/protocol/store/directory-store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commitAll } from '../ingest/fake-results.ts';
import { writeRoots } from '../ingest/roots.ts';
import { storeState } from '../ingest/store-state.ts';
import { planSweep, type Plan } from '../plan/plan.ts';
import { checkStoreContent } from './fsck.ts';
import { collectGarbage } from './gc.ts';

const planOf = (seeds: readonly number[]): Plan =>
  planSweep({ ...exampleSweep, seeds, grids: exampleSweep.grids.slice(2) }, 'wasm', exampleSweep.execution.evaluationBatchSize);

let folder = '';
let store: DirectoryStore;
const plan = planOf([1]);
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-care-'));
  store = new DirectoryStore(folder);
  await writeRoots(plan, store);
  await commitAll(plan, store);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const dayMs = 86_400_000;
const gc = (days: number, dryRun = false) => collectGarbage(store, { graceDays: 30, nowMs: Date.now() + days * dayMs, dryRun });

async function resultKey(): Promise<string> {
  for await (const { key } of store.list(keys.results)) return key;
  throw new Error('no result');
}

describe('gc', () => {
  it('keeps all that a sweep wants, however old', async () => {
    await gc(1000);
    expect((await storeState(plan, store)).done.size).toBe(plan.cells.size);
    expect((await checkStoreContent(store, false)).damages).toEqual([]);
  });

  it('removes what no plan wants any more, after the grace, and lists it before', async () => {
    const smaller = planOf([2]);
    await writeRoots(smaller, store);
    expect((await gc(29)).filter(({ reason }) => reason === 'unwanted result')).toEqual([]);
    const listed = await gc(31, true);
    expect(listed.filter(({ reason }) => reason === 'unwanted result')).toHaveLength(plan.cells.size);
    expect((await storeState(plan, store)).done.size).toBe(plan.cells.size);
    expect((await gc(31)).map(({ key }) => key)).toEqual(expect.arrayContaining(listed.map(({ key }) => key)));
    expect((await storeState(plan, store)).done.size).toBe(0);
    expect((await gc(100)).filter(({ reason }) => reason !== 'abandoned attempt')).toEqual([]);
  });

  it('removes what killed writers left behind, a day later', async () => {
    await writeFile(path.join(folder, 'tmp', '1-left'), 'half');
    expect(await gc(0.5)).toEqual([]);
    expect(await gc(2)).toEqual([{ key: 'tmp/1-left', sizeBytes: 4, reason: 'broken write' }]);
    expect(await gc(2)).toEqual([]);
  });

  it('removes attempts that cannot commit any more, and checkpoints of committed cells', async () => {
    const [cellId = ''] = plan.cells.keys();
    const start = { node: 'n', worker: 'w', buildId: 'b', startedAt: 0, expiresAt: Date.now(), taskId: cellId };
    await store.put(keys.start(cellId, 'abandoned'), new TextEncoder().encode(JSON.stringify({ v: 1, ...start })));
    await store.put(keys.checkpoint(cellId, 3, 'abandoned', 'weights'), Uint8Array.of(1));
    expect((await gc(0.5)).map(({ reason }) => reason)).toEqual(['spent checkpoint']);
    const later = await gc(2);
    expect(later.map(({ key }) => key)).toContain(keys.start(cellId, 'abandoned'));
  });
});

describe('fsck', () => {
  it('finds a result that does not decode and repairs by removing it', async () => {
    const key = await resultKey();
    await store.put(key, Uint8Array.of(123));
    const { damages } = await checkStoreContent(store, true);
    expect(damages.map((damage) => damage.key)).toContain(key);
    for (let again = 0; again < plan.cells.size; again += 1) await checkStoreContent(store, true);
    expect((await checkStoreContent(store, false)).damages).toEqual([]);
    expect((await storeState(plan, store)).done.size).toBeLessThan(plan.cells.size);
  });

  it('finds a flipped bit and a missing artifact', async () => {
    const artifacts: string[] = [];
    for await (const { key } of store.list(keys.cells)) if (key.includes('/artifacts/')) artifacts.push(key);
    const [flipped = '', missing = ''] = artifacts;
    const bytes = Uint8Array.from((await store.get(flipped))!);
    bytes[0]! ^= 1;
    await store.put(flipped, bytes);
    await store.delete(missing);
    const { damages } = await checkStoreContent(store, false);
    expect(damages.map(({ key, problem }) => [key, problem])).toEqual(
      expect.arrayContaining([
        [flipped, 'its content is not what was written'],
        [missing, 'missing'],
      ]) as never,
    );
  });
});
