import { openStore } from '@ncsweep/protocol/store/open-store';
import { keys } from '@ncsweep/protocol/keys';
import { storeState } from '@ncsweep/orchestrator/engine/store/store-state';
import { planSweep } from '@ncsweep/orchestrator/planning/plan/plan';
import { afterAll, describe, expect, it } from 'vitest';
import { Hold } from '../harness/hold.ts';
import { stubRun, sweepOfSeeds, temporaryFolder } from '../harness/local-run.ts';
import { stubSeeds } from '../harness/stub-seeds.ts';

const hold = new Hold();
afterAll(() => hold.remove());

const cellsPerSeed = 2 + 2 * 3;

async function listed(location: string, prefix: string): Promise<string[]> {
  const store = await openStore(location, 'read');
  const found: string[] = [];
  for await (const { key } of store.list(prefix)) found.push(key);
  return found;
}

describe('runLocal', () => {
  it('runs every cell once, and nothing the second time', async () => {
    const location = await temporaryFolder();
    const sweep = sweepOfSeeds(1, 7);
    const first = await stubRun(sweep, location);
    expect(first.summary.counts).toMatchObject({
      total: 2 * cellsPerSeed,
      done: 2 * cellsPerSeed,
      cached: 0,
      parked: 0,
      waiting: 0,
    });
    expect(await listed(location, 'v1/ckpt/')).toEqual([]);
    const committed = first.events.filter((event) => event.kind === 'stream' && event.event.kind === 'committed');
    expect(committed).toHaveLength(2 * cellsPerSeed);
    const second = await stubRun(sweep, location);
    expect(second.summary.counts).toMatchObject({ done: 0, cached: 2 * cellsPerSeed });
    expect(second.events.filter((event) => event.kind === 'stream')).toEqual([]);
  });

  it('parks a diverging training at once, blocks what needs it, and finishes the rest', async () => {
    const location = await temporaryFolder();
    const sweep = sweepOfSeeds(stubSeeds.plain, stubSeeds.diverges);
    const { summary } = await stubRun(sweep, location);
    expect(summary.counts).toMatchObject({ done: cellsPerSeed, parked: 1, blocked: cellsPerSeed - 1, waiting: 0 });
    expect([...summary.parked.values()]).toEqual(['nonFiniteLoss: the loss is NaN']);
    const again = await stubRun(sweep, location);
    expect(again.summary.counts).toMatchObject({ done: 0, cached: cellsPerSeed, parked: 1 });
    expect(again.events.filter((event) => event.kind === 'stream')).toEqual([]);
  });

  it('retries after a crash of the compute process, from the checkpoint', async () => {
    const { summary, events } = await stubRun(sweepOfSeeds(stubSeeds.crashes), await temporaryFolder());
    expect(summary.counts).toMatchObject({ done: cellsPerSeed, parked: 0 });
    const states = events.flatMap((event) =>
      event.kind === 'record' && event.record.kind === 'attempt' ? [event.record.state] : [],
    );
    expect(states).toContain('failed');
    expect(states).toContain('resumed');
  });

  it('parks a training whose process crashes every time, with class, count and log', async () => {
    const location = await temporaryFolder();
    const sweep = {
      ...sweepOfSeeds(stubSeeds.crashesAlways),
      execution: { ...sweepOfSeeds().execution, retries: { unknown: 1 } },
    };
    const { summary } = await stubRun(sweep, location);
    expect(summary.counts).toMatchObject({ done: 0, parked: 1, blocked: cellsPerSeed - 1 });
    const store = await openStore(location, 'read');
    const [key = ''] = await listed(location, keys.failures);
    const failure: unknown = JSON.parse(new TextDecoder().decode(await store.get(key)));
    expect(failure).toMatchObject({
      class: 'unknown',
      attempts: { unknown: 2 },
      message: expect.stringContaining('SIGSEGV') as string,
    });
  });

  it('gives back on interrupt, keeps the checkpoint, and goes on from there', async () => {
    const location = await temporaryFolder();
    const sweep = sweepOfSeeds(stubSeeds.held);
    const stop = new AbortController();
    hold.begin();
    const { summary } = await stubRun(sweep, location, {
      environment: hold.environment,
      signal: stop.signal,
      onEvent: (event) => {
        if (event.kind === 'record' && event.record.kind === 'progress' && event.record.step === 2) stop.abort();
      },
    });
    expect(summary).toMatchObject({ interrupted: true, counts: { done: 0 } });
    expect((await listed(location, 'v1/ckpt/')).length).toBeGreaterThan(0);
    hold.release();
    const resumed = await stubRun(sweep, location);
    expect(resumed.summary.counts).toMatchObject({ done: cellsPerSeed });
    const states = resumed.events.flatMap((e) => (e.kind === 'record' && e.record.kind === 'attempt' ? [e.record.state] : []));
    expect(states).toContain('resumed');
  });

  it('replaces a killed worker and finishes', async () => {
    const location = await temporaryFolder();
    let killed = false;
    const sweep = sweepOfSeeds(stubSeeds.slow);
    const { summary, events } = await stubRun(sweep, location, {
      onEvent: (event) => {
        if (killed || event.kind !== 'stream' || event.event.kind !== 'worker-up') return;
        killed = true;
        process.kill(event.event.pid, 'SIGKILL');
      },
    });
    expect(summary.counts).toMatchObject({ done: cellsPerSeed, parked: 0 });
    expect(events).toContainEqual(expect.objectContaining({ kind: 'worker-ended', signal: 'SIGKILL' }));
  });

  it('computes anew what was made from a result that is not the current one', async () => {
    const location = await temporaryFolder();
    const sweep = sweepOfSeeds(1);
    await stubRun(sweep, location);
    const store = await openStore(location, 'write');
    const [snapshot] = planSweep(sweep, 'wasm', sweep.execution.evaluationBatchSize).trainings[0]!.cells;
    await store.delete(keys.result(snapshot!.cellId));
    const { summary } = await stubRun(sweep, location);
    expect(summary.counts).toMatchObject({ cached: cellsPerSeed / 2, done: cellsPerSeed / 2 });
    const state = await storeState(planSweep(sweep, 'wasm', sweep.execution.evaluationBatchSize), store);
    expect(state.stale.size).toBe(0);
  });

  it('leaves cells alone whose input is damaged, and says what is damaged', async () => {
    const location = await temporaryFolder();
    const sweep = sweepOfSeeds(1);
    const { cells } = planSweep(sweep, 'wasm', sweep.execution.evaluationBatchSize).trainings[0]!;
    await stubRun({ ...sweep, grids: [{ ...sweep.grids[0]!, attacks: [], epsilons: [{ label: '0', value: '0/1' }] }] }, location);
    const store = await openStore(location, 'write');
    const [weights = ''] = (await listed(location, keys.attempts(cells[0]!.cellId))).filter((key) => key.includes('/artifacts/'));
    await store.put(weights, new Uint8Array(3));
    const { summary } = await stubRun(sweep, location);
    expect(summary.counts).toMatchObject({ cached: 4, done: 2, parked: 0 });
    expect([...summary.stuck.values()][0]).toContain(weights);
  });
});
