import { exampleSweep } from '@ncsweep/catalog/testing/example-sweep';
import { keys } from '@ncsweep/protocol/keys';
import { MemoryStore } from '@ncsweep/protocol/testing/memory-store';
import { beforeEach, expect, it } from 'vitest';
import { planSweep, type Plan } from '../../planning/plan/plan.ts';
import { collectGarbage } from '../care/gc.ts';
import { commitAll } from '../../testing/fake-results.ts';
import { ingest } from './ingest.ts';
import { LineTables, readTableIndex } from './line-tables.ts';
import { writeRoots } from '../store/roots.ts';

const planOf = (seeds: readonly number[]): Plan =>
  planSweep({ ...exampleSweep, seeds, grids: exampleSweep.grids.slice(2) }, 'wasm', exampleSweep.execution.evaluationBatchSize);

/** Counts reads of the results' own tables. */
class CountingStore extends MemoryStore {
  artifacts = 0;
  override get(key: string): Promise<Uint8Array | undefined> {
    if (key.endsWith('metrics.parquet')) this.artifacts += 1;
    return super.get(key);
  }
}

const uid = 'uid';
const [first, both] = [planOf([1]), planOf([1, 2])];
let store: CountingStore;
beforeEach(async () => {
  store = new CountingStore();
  await commitAll(first, store);
});

async function report(plan: Plan) {
  store.artifacts = 0;
  const tables = await LineTables.open(store, uid);
  const found = await ingest(plan.sweep, plan, store, { tables });
  await tables.save();
  return found;
}
/** How many result tables a report reads when it has no line tables to use. */
async function evaluations(plan: Plan): Promise<number> {
  store.artifacts = 0;
  await ingest(plan.sweep, plan, store);
  return store.artifacts;
}
const parts = async (): Promise<readonly string[]> => (await readTableIndex(store, uid)).parts.map(({ name }) => name);

it('a second report reads only what is new, and says the same as one that reads everything', async () => {
  const old = await evaluations(first);
  await report(first);
  expect(store.artifacts).toBe(old);
  await commitAll(both, store);
  const all = await evaluations(both);
  expect(all).toBeGreaterThan(old);
  const again = await report(both);
  expect(store.artifacts).toBe(all - old);
  expect(again).toEqual(await ingest(both.sweep, both, store));
  expect(await report(both)).toEqual(again);
  expect(store.artifacts).toBe(0);
  expect(await parts()).toHaveLength(2);
});

it('reads the results where a part is damaged or the index is none, and writes them anew', async () => {
  const all = await evaluations(first);
  const before = await report(first);
  const [part = ''] = await parts();
  await store.put(keys.table(uid, part), Uint8Array.of(1));
  expect(await report(first)).toEqual(before);
  expect(store.artifacts).toBe(all);
  await report(first);
  expect(store.artifacts).toBe(0);
  await store.put(keys.table(uid, 'index.json'), Uint8Array.of(1));
  expect(await report(first)).toEqual(before);
});

it('garbage collection keeps the parts that count, and takes the others after the grace', async () => {
  await writeRoots(first, store, uid);
  await report(first);
  const left = keys.table(uid, 'lines-left.parquet');
  await store.put(left, Uint8Array.of(1));
  const gc = (days: number) => collectGarbage(store, { graceDays: 30, nowMs: Date.now() + days * 86_400_000, dryRun: false });
  expect((await gc(1)).map(({ key }) => key)).not.toContain(left);
  expect((await gc(31)).filter(({ reason }) => reason === 'old table').map(({ key }) => key)).toEqual([left]);
});
