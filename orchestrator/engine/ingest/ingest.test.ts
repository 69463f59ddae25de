import { exampleSweep } from '@ncsweep/catalog/testing/example-sweep';
import { digestOf } from '@ncsweep/protocol/canonical';
import { encodeJson } from '@ncsweep/protocol/json-bytes';
import { keys } from '@ncsweep/protocol/keys';
import { MemoryStore } from '@ncsweep/protocol/testing/memory-store';
import type { Sweep } from '@ncsweep/catalog/sweep';
import { beforeEach, describe, expect, it } from 'vitest';
import { planSweep } from '../../planning/plan/plan.ts';
import { attemptId, commitAll, commitFake, fakeValue, parkFake } from '../../testing/fake-results.ts';
import { ingest } from './ingest.ts';
import { knownPlans, readLedger, readRoots, writeRoots } from '../store/roots.ts';
import { storeState } from '../store/store-state.ts';

const sweep: Sweep = { ...exampleSweep, seeds: [1] };
const plan = planSweep(sweep, 'wasm', 100);
const snapshot = plan.trainings[0]!.cells.at(-1)!;
const group = plan.evaluations.find((g) => g.snapshot === snapshot && g.cells[0]!.params.attack.kind === 'pgd')!;
const perturbed = group.cells[0]!;
const clean = perturbed.inputs[1]!;
let store: MemoryStore;
beforeEach(() => {
  store = new MemoryStore();
});

describe('storeState', () => {
  it('finds nothing in an empty store and everything in a full one', async () => {
    expect((await storeState(plan, store)).done.size).toBe(0);
    await commitAll(plan, store);
    expect((await storeState(plan, store)).done.size).toBe(plan.cells.size);
  });

  it('keeps to the given concurrency', async () => {
    let [inFlight, most] = [0, 0];
    const counting = new Proxy(store, {
      get: (target, name) => async (key: string) => {
        most = Math.max(most, (inFlight += 1));
        const found = await target[name as 'get'](key);
        inFlight -= 1;
        return found;
      },
    });
    await storeState(plan, counting, { concurrency: 3 });
    expect(most).toBe(3);
  });

  it('does not count a result whose inputs were made anew, nor what depends on it', async () => {
    await commitAll(plan, store);
    await commitFake(plan, store, clean, { loss: 0.2 });
    const { done, stale } = await storeState(plan, store);
    expect(done.has(clean)).toBe(true);
    expect(stale.has(perturbed.cellId)).toBe(true);
    const dependants = [...plan.cells.values()]
      .filter((c) => (c.inputs as readonly string[]).includes(clean))
      .map((c) => c.cellId);
    expect(stale).toEqual(new Set(dependants));
  });

  it('lets a result win over a failure', async () => {
    await commitFake(plan, store, snapshot.cellId);
    await parkFake(store, snapshot.cellId);
    expect((await storeState(plan, store)).parked.size).toBe(0);
  });

  it('names the key of a result that does not decode, and what to do', async () => {
    await store.put(keys.result(clean), new TextEncoder().encode('{"v":1'));
    await expect(storeState(plan, store)).rejects.toThrow(new RegExp(`${keys.result(clean)}.*fsck`));
  });
});

describe('writeRoots', () => {
  it('writes a new generation only when other cells are wanted', async () => {
    expect(await writeRoots(plan, store)).toBe(1);
    expect(await writeRoots(planSweep(structuredClone(sweep), 'wasm', 100), store)).toBe(1);
    const more = planSweep({ ...sweep, seeds: [1, 2] }, 'wasm', 100);
    expect(await writeRoots(more, store)).toBe(2);
    expect(await readRoots(store, 'local-example', 1)).toEqual(new Set(plan.cells.keys()));
    expect(await readRoots(store, 'local-example', 2)).toEqual(new Set(more.cells.keys()));
    expect(await readLedger(store, 'local-example')).toMatchObject({ generation: 2, planDigest: more.planDigest });
  });

  it('remembers the sweep, so that it can be planned again without its file', async () => {
    await writeRoots(plan, store);
    const known = [];
    for await (const each of knownPlans(store)) known.push(each);
    expect(known).toEqual([plan]);
  });
});

describe('ingest', () => {
  it('joins each row with its own numbers and repeats network-wide ones', async () => {
    await commitAll(plan, store);
    const { trials, matrices, cells, planDigest } = await ingest(sweep, plan, store);
    expect(planDigest).toBe(plan.planDigest);
    expect(trials).toHaveLength(plan.trials);
    for (const t of trials) {
      expect(t.state).toBe('done');
      expect(t.metrics).toEqual({ accuracy: 0.5, nc1: fakeValue(t.cellId, t.layer, t.pooling) });
      const { cellId, layer, pooling, labels } = t;
      expect(t.trialId).toBe(digestOf({ cellId, layer, pooling, labels }).slice(0, 16));
    }
    expect(new Set(trials.map((t) => t.trialId)).size).toBe(trials.length);
    expect(matrices).toHaveLength(2 * trials.length);
    expect(matrices[0]).toMatchObject({ metric: 'nc2_cosines', row: 1, col: 0, value: -0.25 });
    expect(matrices[1]).toMatchObject({ metric: 'simplex_angle', row: 1, col: 0, value: 3 });
    expect(cells).toHaveLength(plan.cells.size);
    expect(cells[0]).toMatchObject({ state: 'done', attemptId, backend: 'wasm', threads: 1, computeMs: 2000 });
  });

  it('does not depend on the order of axes or on how reads overlap', async () => {
    await commitAll(plan, store);
    const mixed: Sweep = { ...sweep, trainings: [...sweep.trainings].reverse(), grids: [...sweep.grids].reverse() };
    const [a, b] = [
      await ingest(sweep, plan, store),
      await ingest(mixed, planSweep(mixed, 'wasm', 100), store, { concurrency: 1 }),
    ];
    expect(b.trials).toEqual(a.trials);
    expect(b.matrices).toEqual(a.matrices);
  });

  it('says of perturbed cells, and of no other, against which weights their images were made', async () => {
    await commitAll(plan, store);
    const key = keys.result(perturbed.cellId);
    const result = JSON.parse(new TextDecoder().decode(await store.get(key))) as object;
    await store.put(key, encodeJson({ ...result, attackTiming: 'in-training' }));
    const { cells } = await ingest(sweep, plan, store);
    const timings = new Map(cells.map(({ cellId, attackTiming }) => [cellId, attackTiming]));
    for (const cell of plan.cells.values()) {
      const isAttacked = cell.kind === 'evaluate' && cell.params.attack.kind !== 'none';
      // Results of builds that did not record it are fresh.
      const expected = cell.cellId === perturbed.cellId ? 'in-training' : isAttacked ? 'fresh' : undefined;
      expect(timings.get(cell.cellId)).toBe(expected);
    }
  });

  it('has rows of both names of equal params, with ids of their own, in any order', async () => {
    const named = (...names: string[]): Sweep => ({
      ...sweep,
      trainings: names.map((name) => ({ name, params: sweep.trainings[0]!.params })),
    });
    const both = named('plain', 'again');
    await commitAll(planSweep(both, 'wasm', 100), store);
    const { trials } = await ingest(both, planSweep(both, 'wasm', 100), store);
    const of = (name: string) => trials.filter(({ training }) => training === name);
    const numbers = (name: string) => of(name).map(({ cellId, layer, metrics }) => ({ cellId, layer, metrics }));
    expect(of('again').length).toBeGreaterThan(0);
    expect(numbers('again')).toEqual(numbers('plain'));
    expect(new Set(trials.map(({ trialId }) => trialId)).size).toBe(trials.length);
    const reversed = named('again', 'plain');
    expect((await ingest(reversed, planSweep(reversed, 'wasm', 100), store)).trials).toEqual(trials);
  });

  it('sorts epsilons by size', async () => {
    const { trials } = await ingest(sweep, plan, store);
    const first = trials.filter((t) => t.training === 'plain' && t.attack === 'sign' && t.split === 'test' && t.layer === 'gap');
    expect(first.map((t) => t.epsilon)).toEqual(['2/255', '4/255', '8/255', '16/255', '64/255']);
  });

  it('shows missing, parked and blocked rows without numbers', async () => {
    await parkFake(store, snapshot.cellId);
    const { trials, cells } = await ingest(sweep, plan, store);
    const stateOf = (cellId: string) => trials.find((t) => t.cellId === cellId)?.state;
    expect(stateOf(perturbed.cellId)).toBe('blocked');
    expect(new Set(trials.map((t) => t.state))).toEqual(new Set(['blocked', 'missing']));
    expect(trials.every((t) => Object.keys(t.metrics).length === 0)).toBe(true);
    expect(cells.find((c) => c.cellId === snapshot.cellId)).toMatchObject({
      state: 'parked',
      reason: 'nonFiniteLoss: loss became NaN at step 12',
    });
    expect(cells.find((c) => c.cellId === clean)?.reason).toMatch(`waits for ${snapshot.cellId.slice(0, 16)}`);
  });

  it.each([
    ['damaged', (key: string) => store.put(key, new Uint8Array([1, 2, 3])), 'sha256 is'],
    ['missing', (key: string) => store.delete(key), 'missing in memory'],
  ])('names a %s artifact and what to do', async (_, harm, message) => {
    await commitAll(plan, store);
    const key = keys.artifact(perturbed.cellId, attemptId, 'metrics.parquet');
    await harm(key);
    await expect(ingest(sweep, plan, store)).rejects.toThrow(
      new RegExp(`^${key}: ${message}.*fsck.*${keys.result(perturbed.cellId)}`),
    );
  });
});
