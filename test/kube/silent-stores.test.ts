/** Sweeps whose stores never answer, or stop answering, beside healthy Sweeps. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Cluster } from '../harness/cluster.ts';
import { smallSpec, type ClusterSweeps } from '../harness/cluster-sweeps.ts';
import { SilentProxy } from '../harness/silent-proxy.ts';
import { stubSeeds } from '../harness/stub-seeds.ts';

let cluster: Cluster;
let sweeps: ClusterSweeps;
/** Never answers. */
let silent: SilentProxy;
/** Passes on to S3, until it is told to fall silent. */
let proxy: SilentProxy;
let moodyStore = '';
const silentStores = 5;
const hole = (i: number): string => `s3://nothing/hole${i}?endpoint=http://127.0.0.1:${silent.port}&use_path_style=true`;
beforeAll(async () => {
  cluster = await Cluster.start('well');
  ({ sweeps } = cluster);
  const { s3 } = cluster.plane;
  silent = await SilentProxy.start();
  proxy = await SilentProxy.start(s3.process.port);
  moodyStore = (await s3.bucket('moody-bucket')).replace(String(s3.process.port), String(proxy.port));
  const allowed = [...Array.from({ length: silentStores }, (_, i) => hole(i)), moodyStore].map((location) => ({ location }));
  await cluster.orchestrate({ NCSWEEP_STORE_POLICY: JSON.stringify({ allowed }) });
  await vi.waitFor(() => ask('/healthz'), { timeout: 120_000 });
});
afterAll(async () => {
  await cluster.stop();
  await Promise.all([silent.stop(), proxy.stop()]);
});

const make = (name: string, seed: readonly (string | number)[], location: string): Promise<string> =>
  sweeps.make(name, smallSpec({ seed, storage: { location } }));
async function completes(name: string, seed: readonly string[]): Promise<void> {
  await sweeps.make(name, smallSpec({ seed }));
  await sweeps.completes(name);
}
const ask = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${cluster.orchestrator.healthPort}${path}`);

/**
 * What the orchestrator says of itself while something happens: the codes of its health, 0 for no answer, and how many Sweeps waited
 * for others at most.
 */
async function whileAsking(work: () => Promise<void>): Promise<{ readonly health: Set<number>; readonly overdue: number }> {
  const health = new Set<number>();
  let overdue = 0;
  const look = async (): Promise<void> => {
    health.add((await ask('/healthz')).status);
    const metrics = await cluster.orchestrator.metrics();
    overdue = Math.max(overdue, Number(/^ncsweep_overdue_sweeps (\d+)$/m.exec(metrics)?.[1]));
  };
  const asking = setInterval(() => void look().catch(() => health.add(0)), 500);
  await work().finally(() => clearInterval(asking));
  return { health, overdue };
}

describe('Sweeps whose stores are silent', () => {
  it('hold nobody up: no other Sweep waits for them, before they are known to be silent and after, and the orchestrator is well', async () => {
    const names = Array.from({ length: silentStores }, (_, i) => `hole${i}`);
    const message = expect.stringMatching(/^store s3:\/\/nothing\/hole\d: .*no answer within 10 s\. Remedy: /) as string;
    const seen = await whileAsking(async () => {
      for (const [i, name] of names.entries()) await make(name, ['21..24'], hole(i));
      await completes('victim', ['31..34']);
      for (const name of names) await sweeps.says(name, 'StoreReady', { status: 'False', reason: 'Unreachable', message });
      await completes('victim-later', ['41..44']);
    });
    expect(seen).toEqual({ health: new Set([200]), overdue: 0 });
    for (const name of names) await sweeps.remove(name);
  }, 500_000);

  it('go on by themselves when the store answers again, and others were not held up meanwhile', async () => {
    cluster.hold.begin();
    await make('moody', ['301..330', stubSeeds.held], moodyStore);
    await sweeps.works('moody');
    proxy.fallSilent();
    const seen = await whileAsking(async () => {
      await sweeps.says('moody', 'StoreReady', { status: 'False', reason: 'Unreachable' });
      await completes('meanwhile', ['51..54']);
    });
    expect(seen).toEqual({ health: new Set([200]), overdue: 0 });
    proxy.answerAgain();
    cluster.hold.release();
    await sweeps.says('moody', 'StoreReady', { status: 'True' });
    await sweeps.completes('moody');
  }, 500_000);
});
