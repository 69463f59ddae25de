/** Workers of another science version, as a mid-sweep upgrade starts and leaves them: no number is stored under a wrong id. */
import { scienceVersions } from '@ncsweep/catalog/science-versions';
import { readResult } from '@ncsweep/protocol/store/committed-result';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { fileURLToPath } from 'node:url';
import { sweepOfSeeds } from '../harness/local-run.ts';
import { isFinished, numbersOf, startPoolServers, withSweep, type PoolServers } from '../harness/pool-sweep.ts';
import { stubScalars, stubSeeds } from '../harness/stub-seeds.ts';

let servers: PoolServers;
beforeAll(async () => {
  servers = await startPoolServers();
});
afterAll(() => servers.stop());

const { train } = scienceVersions;
const computing = (version: number) => ({
  NODE_OPTIONS: `--import=${fileURLToPath(new URL('../harness/other-science.ts', import.meta.url))}`,
  NCSWEEP_TEST_SCIENCE: `train=${version}`,
});
const soon = { timeout: 120_000, interval: 100 };
const sweep = sweepOfSeeds(stubSeeds.plain);

it('an older worker ends with 76, says why, and leaves its tasks to workers of the planner’s version', async () => {
  await withSweep(servers, sweep, async ({ plan, store, engine, events, workers, until }) => {
    const older = workers({ environment: computing(train - 1), classes: ['train'] });
    await until(() => older.ends.length > 0);
    const said = (): void => expect(events).toContainEqual(expect.objectContaining({ kind: 'worker-drained', exitCode: 76 }));
    await vi.waitFor(said, soon);
    const drained = events.find((event) => event.kind === 'worker-drained');
    expect(drained).toMatchObject({
      message: expect.stringContaining(`planned under train ${train}, this worker computes train ${train - 1}`) as string,
    });
    await older.stop();
    for (const cellId of plan.cells.keys()) expect(await readResult(store, cellId)).toBeUndefined();
    workers();
    await until(isFinished);
    expect(engine.status().counts).toMatchObject({ done: plan.cells.size, parked: 0, blocked: 0 });
    expect(await numbersOf({ plan, store })).toEqual(
      new Map([...plan.cells.keys()].map((cellId) => [cellId, stubScalars(cellId)])),
    );
  });
});

it('a newer worker drops the task of an older planner, and the sweep says what to upgrade', async () => {
  await withSweep(servers, sweep, async ({ plan, store, engine, workers, until }) => {
    const newer = workers({ environment: computing(train + 1) });
    await until(() => engine.status().stuck.size > 0);
    expect([...engine.status().stuck.values()][0]).toMatch(
      /train \d+, this worker computes train \d+\. Remedy: upgrade the orchestrator/,
    );
    await newer.stop();
    for (const cellId of plan.cells.keys()) expect(await readResult(store, cellId)).toBeUndefined();
  });
});
