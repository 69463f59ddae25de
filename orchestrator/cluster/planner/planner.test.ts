/** Uses real threads, since the tests are about their memory and how they end. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sha256 } from '@ncsweep/protocol/canonical';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodePlan } from '../../planning/plan/plan-document.ts';
import { nothingPushed } from '../../planning/spec/pushed-data.ts';
import { TestClock } from '../../testing/test-clock.ts';
import { admit } from '../decide/admit.ts';
import type { SweepResource } from '../decide/sweep-resource.ts';
import { systemClock } from '../passes/clock.ts';
import { PlanLane, PlanOutOfMemoryError, PlanTooSlowError } from './plan-lane.ts';
import { Planner, type PlannerOptions } from './planner.ts';

const rules = { backend: 'wasm', mostCells: 100_000 } as const;
const never = new AbortController().signal;

function sweep(name: string, seeds: number, more: object = {}): SweepResource {
  const spec = {
    dataset: [{ name: 'prototypes' as const }],
    architecture: [{ name: 'mlp' }],
    training: [{ name: 'ST', epochs: 20 }],
    seed: [`1..${seeds}`],
    grids: [{ name: 'g', epoch: ['1..20'], attack: [{ name: 'fgsm', kind: 'fgsm' }], epsilon: ['1/255..9/255 step 1/255'] }],
    ...more,
  };
  return { metadata: { name, namespace: 'lab', uid: `uid-of-${name}`, generation: 1 }, spec };
}
/** 220 cells per seed. */
const cellsOf = (seeds: number): number => seeds * 220;
const planned = (resource: SweepResource) => {
  const admission = admit(resource, nothingPushed, rules);
  if (admission.kind === 'refused') throw new Error(admission.message);
  return admission.plan;
};

let folder = '';
const planners: { stop(): Promise<void> }[] = [];
beforeEach(async () => void (folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-plans-'))));
afterEach(async () => {
  for (const each of planners.splice(0)) await each.stop();
  await rm(folder, { recursive: true });
});
function planner(change: Partial<PlannerOptions> = {}): Planner {
  const made = new Planner({ rules, mostCellsOfAll: 1_000_000, cacheFolder: undefined, clock: systemClock, ...change });
  planners.push(made);
  return made;
}
const ask = (of: Planner, resource: SweepResource) => of.admission(resource, nothingPushed, never);

describe('the planner', () => {
  it('plans as admission does, and refuses in its words', async () => {
    const plans = planner();
    const { cellAt: _, ...runnable } = planned(sweep('a', 2));
    expect(await ask(plans, sweep('a', 2))).toEqual({ kind: 'admitted', plan: runnable });
    expect(await ask(plans, sweep('b', 0))).toEqual(admit(sweep('b', 0), nothingPushed, rules));
  });

  it('only counts the cells of a suspended Sweep', async () => {
    const counted = await ask(planner(), sweep('a', 2, { suspend: true }));
    expect(counted).toMatchObject({
      kind: 'counted',
      counts: { trainings: 2, cells: { snapshot: 40, evaluate: cellsOf(2) - 40 } },
    });
  });

  it('refuses a plan of too many cells with the bound, in either thread', async () => {
    const plans = planner({ rules: { ...rules, mostCells: 300 } });
    for (const seeds of [2, 200])
      expect(await ask(plans, sweep('a', seeds))).toMatchObject({
        kind: 'refused',
        reason: 'PlanTooLarge',
        message: expect.stringMatching(/^more than 300 cells/) as string,
      });
  });

  it('plans a small Sweep while a large one is being planned', async () => {
    const plans = planner();
    const ended: string[] = [];
    const large = ask(plans, sweep('large', 150)).then(() => ended.push('large'));
    const small = ask(plans, sweep('small', 1)).then(() => ended.push('small'));
    await Promise.all([large, small]);
    expect(ended).toEqual(['small', 'large']);
  });

  it('has room for a bounded number of cells, and says so to who has to wait', async () => {
    const plans = planner({ mostCellsOfAll: cellsOf(15) });
    expect(await ask(plans, sweep('first', 10))).toMatchObject({ kind: 'admitted' });
    const waits = await ask(plans, sweep('second', 11));
    expect(waits).toEqual({
      kind: 'waiting',
      message: `its ${cellsOf(11)} cells wait for room: the orchestrator holds ${cellsOf(10)} cells of other Sweeps, and may hold at most ${cellsOf(15)} in all`,
    });
    expect(await ask(plans, sweep('tiny', 1))).toMatchObject({ kind: 'admitted' });
    plans.release('uid-of-first');
    expect(await ask(plans, sweep('second', 11))).toMatchObject({ kind: 'admitted' });
  });

  it('keeps plans in a folder, and reads them there after a restart', async () => {
    await ask(planner({ cacheFolder: folder }), sweep('a', 2));
    const [file = ''] = await readdir(folder);
    const other = planned(sweep('other', 1));
    const content = encodePlan(other);
    await writeFile(path.join(folder, file), Buffer.concat([Buffer.from(sha256(content)), content]));
    const again = await ask(planner({ cacheFolder: folder }), sweep('a', 2));
    expect(again).toMatchObject({ kind: 'admitted', plan: { planDigest: other.planDigest } });
  });

  it('knows a plan again when only what does not concern it was edited, and plans anew when its cells may be others', async () => {
    const plans = planner({ cacheFolder: folder });
    await ask(plans, sweep('a', 2));
    await ask(plans, sweep('a', 2, { ttlSecondsAfterFinished: 60, deletionPolicy: 'Delete' }));
    expect(await readdir(folder)).toHaveLength(1);
    await ask(plans, sweep('a', 3));
    expect(await readdir(folder)).toHaveLength(2);
  });

  it('plans anew what was damaged in the folder', async () => {
    await ask(planner({ cacheFolder: folder }), sweep('a', 2));
    const [file = ''] = await readdir(folder);
    const bytes = await readFile(path.join(folder, file));
    bytes.set([1, 2, 3], bytes.length - 3);
    await writeFile(path.join(folder, file), bytes);
    const again = await ask(planner({ cacheFolder: folder }), sweep('a', 2));
    expect(again).toMatchObject({ kind: 'admitted', plan: { planDigest: planned(sweep('a', 2)).planDigest } });
  });
});

describe('a lane of plans', () => {
  const lane = (change: Partial<ConstructorParameters<typeof PlanLane>[0]> = {}): PlanLane => {
    const made = new PlanLane({
      thread: { cacheFolder: undefined },
      limitMs: 60_000,
      heapMebibytes: 512,
      idleMs: undefined,
      clock: systemClock,
      ...change,
    });
    planners.push(made);
    return made;
  };
  const request = (of: SweepResource) => ({
    name: of.metadata.name,
    spec: of.spec,
    data: nothingPushed,
    rules,
    countsOnly: false,
  });
  const isPlanned = expect.objectContaining({ kind: 'planned' }) as object;

  it('ends a plan that takes too long, and makes the next one', async () => {
    const clock = new TestClock();
    const plans = lane({ clock, limitMs: 1_500 });
    const slow = plans.plan(request(sweep('slow', 400)), 1, never);
    const next = plans.plan(request(sweep('next', 1)), 2, never);
    const ended = expect(slow).rejects.toThrow(PlanTooSlowError);
    await clock.advance(1_500);
    await ended;
    expect(await next).toEqual(isPlanned);
  });

  it('ends a plan that needs too much memory, and makes the next one', async () => {
    const plans = lane({ heapMebibytes: 48 });
    const greedy = plans.plan(request(sweep('greedy', 450)), 1, never);
    const next = plans.plan(request(sweep('next', 1)), 2, never);
    await expect(greedy).rejects.toThrow(PlanOutOfMemoryError);
    expect(await next).toEqual(isPlanned);
  });

  it('ends a plan that nobody wants any more, and makes the next one', async () => {
    const plans = lane();
    const stop = new AbortController();
    const unwanted = plans.plan(request(sweep('unwanted', 400)), 1, stop.signal);
    const next = plans.plan(request(sweep('next', 1)), 2, never);
    stop.abort(new Error('deleted'));
    await expect(unwanted).rejects.toThrow('deleted');
    expect(await next).toEqual(isPlanned);
  });

  it('makes the smallest first', async () => {
    const plans = lane();
    const ended: number[] = [];
    const sizes = [5, 3, 4, 1, 2];
    await Promise.all(sizes.map((size) => plans.plan(request(sweep(`s${size}`, 1)), size, never).then(() => ended.push(size))));
    expect(ended).toEqual([5, 1, 2, 3, 4]); // the first one started at once
  });
});
