/** Sweeps whose stores never answer, or stop answering, beside Sweeps that are well. */
import { fileURLToPath } from 'node:url';
import type { Condition, SweepStatus } from '@ncsweep/protocol/status';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ControlPlane, sweepsOf, type Orchestrator } from '../harness/control-plane.ts';
import { PodRunner } from '../harness/pod-runner.ts';
import { SilentProxy } from '../harness/silent-proxy.ts';

let plane: ControlPlane;
let runner: PodRunner;
let orchestrator: Orchestrator;
let proxy: SilentProxy;
beforeAll(async () => {
  plane = await ControlPlane.start();
  await plane.installCrd();
  runner = new PodRunner(plane.api, { NCSWEEP_COMPUTE: fileURLToPath(new URL('../harness/stub-compute.ts', import.meta.url)) });
  runner.start();
  orchestrator = await plane.orchestrator({ NCSWEEP_INSTALL: 'silent', NCSWEEP_STORE: await plane.s3.bucket('well-bucket') });
}, 120_000);
afterAll(async () => {
  await orchestrator.stop();
  await runner.stop();
  await plane.stop();
});

const silentStores = 5;
async function make(name: string, seed: readonly string[], storage?: string): Promise<void> {
  const spec = {
    dataset: [{ name: 'prototypes', classes: 2, trainPerClass: 8, testPerClass: 4, imageSize: 8 }],
    architecture: [{ name: 'mlp', width: 2, depth: 1 }],
    training: [{ name: 'ST', epochs: 2, batchSize: 8 }],
    seed,
    grids: [{ name: 'g', attack: [{ name: 'fgsm', kind: 'fgsm' }], epsilon: ['4/255'] }],
    execution: { parallelism: 2 },
    ...(storage === undefined ? {} : { storage: { location: storage } }),
  };
  const sweep = { apiVersion: 'ncsweep.dev/v1alpha1', kind: 'Sweep', metadata: { name }, spec };
  const { status, body } = await plane.api.call('POST', sweepsOf('default'), sweep);
  expect(status, body.message).toBe(201);
}
const statusOf = async (name: string): Promise<SweepStatus> =>
  ((await plane.api.call('GET', `${sweepsOf('default')}/${name}`)).body['status'] as SweepStatus | undefined) ?? {};
const storeReady = async (name: string): Promise<Condition | undefined> =>
  (await statusOf(name)).conditions?.find(({ type }) => type === 'StoreReady');
const within = (seconds: number) => ({ timeout: seconds * 1000, interval: 100 });
const completes = (name: string): Promise<void> =>
  vi.waitFor(async () => expect((await statusOf(name)).phase, orchestrator.output().slice(-1500)).toBe('Complete'), within(100));

/** @returns seconds from its creation to its end */
async function secondsOf(name: string, seed: readonly string[]): Promise<number> {
  const began = performance.now();
  await make(name, seed);
  await completes(name);
  return (performance.now() - began) / 1000;
}

describe('Sweeps whose stores are silent', () => {
  it('hold nobody up: another Sweep completes as fast as without them, and the orchestrator is well', async () => {
    await secondsOf('warms-up', ['1..2']);
    const alone = await secondsOf('alone', ['11..14']);
    const silent = await SilentProxy.start();
    const health: number[] = [];
    const ask = async (): Promise<void> => {
      health.push((await fetch(`http://127.0.0.1:${orchestrator.healthPort}/healthz`)).status);
    };
    const asking = setInterval(() => void ask(), 500);
    try {
      const names = Array.from({ length: silentStores }, (_, i) => `hole${i}`);
      for (const name of names)
        await make(name, ['21..24'], `s3://nothing/${name}?endpoint=http://127.0.0.1:${silent.port}&use_path_style=true`);
      await vi.waitFor(async () => {
        for (const name of names) expect((await storeReady(name))?.status).toMatch(/Unknown|False/);
      }, within(30));
      const beside = await secondsOf('victim', ['31..34']);
      expect(beside, `alone it took ${alone} s`).toBeLessThan(3 * alone + 5);
      await vi.waitFor(async () => {
        for (const name of names)
          expect(await storeReady(name)).toMatchObject({
            status: 'False',
            reason: 'Unreachable',
            message: expect.stringMatching(/^store s3:\/\/nothing\/hole\d: .*no answer within 10 s\. Remedy: /) as string,
          });
      }, within(60));
      const again = await secondsOf('victim-later', ['41..44']);
      expect(again, `alone it took ${alone} s`).toBeLessThan(3 * alone + 5);
      expect(new Set(health)).toEqual(new Set([200]));
      for (const name of names) await plane.api.call('DELETE', `${sweepsOf('default')}/${name}`);
    } finally {
      clearInterval(asking);
      await silent.stop();
    }
  }, 240_000);

  it('go on by themselves when the store answers again, and others were not held up meanwhile', async () => {
    proxy = await SilentProxy.start(plane.s3.process.port);
    try {
      const direct = await plane.s3.bucket('moody-bucket');
      await make('moody', ['301..330'], direct.replace(String(plane.s3.process.port), String(proxy.port)));
      const hasBegun = async (): Promise<void> => expect((await statusOf('moody')).counters?.done ?? 0).toBeGreaterThan(0);
      await vi.waitFor(hasBegun, within(60));
      proxy.fallSilent();
      await vi.waitFor(
        async () =>
          expect(
            await storeReady('moody'),
            JSON.stringify(await statusOf('moody')) + orchestrator.output().slice(-3000),
          ).toMatchObject({ status: 'False', reason: 'Unreachable' }),
        within(60),
      );
      const alone = await secondsOf('meanwhile', ['51..54']);
      expect(alone).toBeLessThan(60);
      proxy.answerAgain();
      await vi.waitFor(async () => expect((await storeReady('moody'))?.status).toBe('True'), within(90));
      await completes('moody');
    } finally {
      await proxy.stop();
    }
  }, 400_000);
});
