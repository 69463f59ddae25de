/** Sweeps whose stores never answer, or stop answering, beside healthy Sweeps. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ClusterSweeps, smallSpec } from '../harness/cluster-sweeps.ts';
import { ControlPlane, sweepsOf, type Orchestrator } from '../harness/control-plane.ts';
import { PodRunner } from '../harness/pod-runner.ts';
import { SilentProxy } from '../harness/silent-proxy.ts';
import { stubCompute } from '../harness/stub-seeds.ts';

let plane: ControlPlane;
let runner: PodRunner;
let orchestrator: Orchestrator;
let sweeps: ClusterSweeps;
/** Never answers. */
let silent: SilentProxy;
/** Passes on to S3, until it is told to fall silent. */
let proxy: SilentProxy;
let moodyStore = '';
const silentStores = 5;
const hole = (i: number): string => `s3://nothing/hole${i}?endpoint=http://127.0.0.1:${silent.port}&use_path_style=true`;
beforeAll(async () => {
  plane = await ControlPlane.start();
  await plane.installCrd();
  runner = new PodRunner(plane.api, stubCompute);
  runner.start();
  silent = await SilentProxy.start();
  proxy = await SilentProxy.start(plane.s3.process.port);
  moodyStore = (await plane.s3.bucket('moody-bucket')).replace(String(plane.s3.process.port), String(proxy.port));
  const allowed = [...Array.from({ length: silentStores }, (_, i) => hole(i)), moodyStore].map((location) => ({ location }));
  orchestrator = await plane.orchestrator({
    NCSWEEP_INSTALL: 'silent',
    NCSWEEP_STORE: await plane.s3.bucket('well-bucket'),
    NCSWEEP_STORE_POLICY: JSON.stringify({ allowed }),
  });
  sweeps = new ClusterSweeps(plane, () => orchestrator.output().slice(-1500));
}, 120_000);
afterAll(async () => {
  await orchestrator.stop();
  await runner.stop();
  await Promise.all([silent.stop(), proxy.stop()]);
  await plane.stop();
});

const make = (name: string, seed: readonly string[], storage?: string): Promise<void> =>
  sweeps.make(name, smallSpec(storage === undefined ? { seed } : { seed, storage: { location: storage } }));
const within = (seconds: number) => ({ timeout: seconds * 1000, interval: 100 });

/** @returns seconds from its creation to its end */
async function secondsOf(name: string, seed: readonly string[]): Promise<number> {
  const began = performance.now();
  await make(name, seed);
  await sweeps.completes(name);
  return (performance.now() - began) / 1000;
}

describe('Sweeps whose stores are silent', () => {
  it('hold nobody up: another Sweep completes as fast as without them, and the orchestrator is well', async () => {
    await secondsOf('warms-up', ['1..2']);
    const alone = await secondsOf('alone', ['11..14']);
    const health: number[] = [];
    const ask = async (): Promise<void> => {
      health.push((await fetch(`http://127.0.0.1:${orchestrator.healthPort}/healthz`)).status);
    };
    const asking = setInterval(() => void ask(), 500);
    try {
      const names = Array.from({ length: silentStores }, (_, i) => `hole${i}`);
      for (const [i, name] of names.entries()) await make(name, ['21..24'], hole(i));
      for (const name of names)
        await sweeps.says(name, 'StoreReady', { status: expect.stringMatching(/Unknown|False/) as 'False' });
      const beside = await secondsOf('victim', ['31..34']);
      expect(beside, `alone it took ${alone} s`).toBeLessThan(3 * alone + 5);
      const message = expect.stringMatching(/^store s3:\/\/nothing\/hole\d: .*no answer within 10 s\. Remedy: /) as string;
      for (const name of names)
        await sweeps.says(name, 'StoreReady', { status: 'False', reason: 'Unreachable', message }, { seconds: 60 });
      const again = await secondsOf('victim-later', ['41..44']);
      expect(again, `alone it took ${alone} s`).toBeLessThan(3 * alone + 5);
      expect(new Set(health)).toEqual(new Set([200]));
      for (const name of names) await plane.api.call('DELETE', `${sweepsOf('default')}/${name}`);
    } finally {
      clearInterval(asking);
    }
  }, 240_000);

  it('go on by themselves when the store answers again, and others were not held up meanwhile', async () => {
    await make('moody', ['301..330'], moodyStore);
    const hasBegun = async (): Promise<void> => expect((await sweeps.status('moody')).counters?.done ?? 0).toBeGreaterThan(0);
    await vi.waitFor(hasBegun, within(60));
    proxy.fallSilent();
    await sweeps.says('moody', 'StoreReady', { status: 'False', reason: 'Unreachable' }, { seconds: 60 });
    const meanwhile = await secondsOf('meanwhile', ['51..54']);
    expect(meanwhile).toBeLessThan(60);
    proxy.answerAgain();
    await sweeps.says('moody', 'StoreReady', { status: 'True' }, { seconds: 90 });
    await sweeps.completes('moody');
  }, 400_000);
});
