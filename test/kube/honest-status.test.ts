/** What a status says while a Sweep is suspended and resumed, its orchestrator is replaced, and when it is complete. */
import type { SweepStatus } from '@ncsweep/protocol/status';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ncsweep } from '../harness/cli-run.ts';
import { Cluster } from '../harness/cluster.ts';
import { smallSpec } from '../harness/cluster-sweeps.ts';
import { sweepsOf } from '../harness/control-plane.ts';
import { stubSeeds } from '../harness/stub-seeds.ts';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await Cluster.start('honest');
  await cluster.orchestrate();
});
afterAll(() => cluster.stop());

const { held } = stubSeeds;
const edit = (spec: object): Promise<void> => cluster.sweeps.edit('held', spec);
const call = (...args: string[]) => ncsweep(args, { environment: { KUBECONFIG: cluster.plane.api.kubeconfig } });
const names = async (kind: string): Promise<string[]> => {
  const { body } = await cluster.plane.api.call('GET', kind);
  return (body['items'] as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name).sort();
};
const jobs = (): Promise<string[]> => names('/apis/batch/v1/namespaces/default/jobs?labelSelector=ncsweep.dev/sweep=held');
const events = (): Promise<string[]> => names('/api/v1/namespaces/default/events?fieldSelector=involvedObject.name=held');
const becomes = (expected: object): Promise<SweepStatus> =>
  cluster.sweeps.has('held', (status) => expect(status).toMatchObject(expected));
const tells = (reason: string, message: RegExp): Promise<string> =>
  cluster.sweeps.tells('held', { type: 'Normal', reason, message: expect.stringMatching(message) as string });

describe('a Sweep that is suspended half-way', () => {
  let done = 0;

  it('counts nothing as running, promises no time, and says that it is suspended', async () => {
    cluster.hold.begin();
    await cluster.sweeps.make('held', smallSpec({ seed: ['401..404', held] }));
    await cluster.sweeps.works('held');
    await edit({ suspend: true });
    const status = await becomes({ phase: 'Suspended', replicas: 0, counters: { running: 0, ready: 0, cached: 0 } });
    expect(status).not.toHaveProperty('eta');
    await tells('Suspended', /^spec\.suspend is true; its workers write checkpoints and end; \d+\/\d+ trials are done$/);
    await vi.waitFor(async () => expect(await jobs()).toEqual([]), { timeout: 120_000 });
    done = status.counters?.done ?? 0;
  });

  it('goes on under another orchestrator, says so, and has found in the store what it had found at first', async () => {
    await cluster.orchestrator.stop('SIGKILL');
    await cluster.orchestrate();
    cluster.hold.release();
    await edit({ suspend: false });
    const seen = await becomes({ phase: 'Running' });
    await tells('Resumed', /^it continues; /);
    expect(seen.counters).toMatchObject({ cached: 0 });
    expect(seen.counters?.done).toBeGreaterThanOrEqual(done);
    const status = await becomes({ phase: 'Complete' });
    expect(status.counters).toMatchObject({ cached: 0, done: status.counters?.cells, running: 0, ready: 0 });
    expect(status).not.toHaveProperty('eta');
  });
});

describe('a complete Sweep', () => {
  it('says the same under the next orchestrator, and tells nothing twice', async () => {
    await becomes({ report: { generation: 3 } });
    const [before, told] = [await cluster.sweeps.status('held'), await events()];
    await cluster.orchestrator.stop();
    await cluster.orchestrate();
    await cluster.sweeps.make('other', smallSpec({ seed: [431] }));
    await cluster.sweeps.completes('other');
    expect(await cluster.sweeps.status('held')).toEqual(before);
    expect(await events()).toEqual(told);
  });

  it.each<[string, string[], RegExp]>([
    ['suspended', ['suspend', 'held'], /^held: is complete already; nothing is left to suspend$/m],
    ['cancelled', ['cancel', 'held'], /^held: is complete already; nothing is left to cancel$/m],
  ])('that is %s stays complete, makes no Job, and the command says so', async (_, command, said) => {
    const [before, made] = [await cluster.sweeps.status('held'), await jobs()];
    const { stdout, stderr } = await call(...command);
    expect(stdout, stderr).toMatch(said);
    const generation = (before.observedGeneration ?? 0) + 1;
    const status = await becomes({ observedGeneration: generation });
    const steady = ({ conditions = [], observedGeneration: _, ...rest }: SweepStatus): object => ({
      ...rest,
      conditions: conditions.map(({ type, status: truth, lastTransitionTime }) => [type, truth, lastTransitionTime]),
    });
    expect(steady(status)).toEqual(steady(before));
    for (const each of status.conditions ?? []) expect(each.observedGeneration).toBe(generation);
    expect(await jobs()).toEqual(made);
  });
});

it('does not keep what is said no more', async () => {
  const status = await cluster.sweeps.status('held');
  const stale = { ...status, eta: { seconds: 1, low: 1, high: 1, text: 'x' }, scienceOffered: { gone: 1 } };
  await cluster.plane.api.call('PATCH', `${sweepsOf('default')}/held/status`, { status: stale }, 'application/merge-patch+json');
  await edit({ seed: ['401..405', held], suspend: false });
  const now = await becomes({ observedGeneration: (status.observedGeneration ?? 0) + 1, phase: 'Cancelled' });
  expect(now).not.toHaveProperty('eta');
  expect(now).not.toHaveProperty('scienceOffered');
});
