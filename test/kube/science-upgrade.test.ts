/** A mid-sweep upgrade to other science: the Sweep waits until a person adopts it, and ids of the two versions never mix. */
import { fileURLToPath } from 'node:url';
import { scienceVersions } from '@ncsweep/catalog/science-versions';
import { planSweep } from '@ncsweep/orchestrator/planning/plan/plan';
import { readSweep } from '@ncsweep/orchestrator/planning/spec/read-sweep';
import { cellResult } from '@ncsweep/protocol/result';
import type { SweepStatus } from '@ncsweep/protocol/status';
import { openStore } from '@ncsweep/protocol/store/open-store';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { ncsweep } from '../harness/cli-run.ts';
import { ControlPlane, sweepsOf } from '../harness/control-plane.ts';
import { Hold } from '../harness/hold.ts';
import { PodRunner } from '../harness/pod-runner.ts';
import { stubCompute, stubSeeds } from '../harness/stub-seeds.ts';

const newTrain = scienceVersions.train + 1;
const upgraded = {
  NODE_OPTIONS: `--import=${fileURLToPath(new URL('../harness/other-science.ts', import.meta.url))}`,
  NCSWEEP_TEST_SCIENCE: `train=${newTrain}`,
};
const hold = new Hold();
let plane: ControlPlane;
beforeAll(async () => {
  plane = await ControlPlane.start();
  await plane.installCrd();
}, 120_000);
afterAll(async () => {
  await plane.stop();
  hold.remove();
});

const document = {
  apiVersion: 'ncsweep.dev/v1alpha1',
  kind: 'Sweep',
  metadata: { name: 'upgraded' },
  spec: {
    dataset: [{ name: 'prototypes', classes: 2, trainPerClass: 8, testPerClass: 4, imageSize: 8 }],
    architecture: [{ name: 'mlp', width: 2, depth: 1 }],
    training: [{ name: 'ST', epochs: 2, batchSize: 8 }],
    seed: [stubSeeds.plain, stubSeeds.held],
    grids: [{ name: 'g', attack: [{ name: 'fgsm', kind: 'fgsm' }], epsilon: ['4/255'] }],
    execution: { parallelism: 2 },
  },
};
const statusOf = async (): Promise<SweepStatus> =>
  ((await plane.api.call('GET', `${sweepsOf('default')}/upgraded`)).body['status'] as SweepStatus | undefined) ?? {};
const planned = (status: SweepStatus) => status.conditions?.find(({ type }) => type === 'Planned');
const within = (seconds: number) => ({ timeout: seconds * 1000, interval: 200 });

it('waits until somebody adopts the new science, and no number has an id of the other version', async () => {
  const location = await plane.s3.bucket('upgraded-bucket');
  const install = { NCSWEEP_INSTALL: 'upgrade', NCSWEEP_STORE: location };
  const stub = { ...stubCompute, ...hold.environment };
  const environment = { ...plane.s3.environment, ...upgraded, KUBECONFIG: plane.api.kubeconfig };

  hold.begin();
  const image: Record<string, string> = stub;
  const runner = new PodRunner(plane.api, image);
  runner.start();
  const old = await plane.orchestrator(install);
  await plane.api.call('POST', sweepsOf('default'), document);
  await vi.waitFor(async () => expect((await statusOf()).counters?.done ?? 0).toBeGreaterThan(0), within(60));
  expect((await statusOf()).scienceVersions).toMatchObject({ train: newTrain - 1, 'architecture:mlp': 1 });
  await old.stop();

  const leader = await plane.orchestrator({ ...install, ...upgraded });
  const held = async (): Promise<void> =>
    expect(planned(await statusOf()), leader.output().slice(-800)).toMatchObject({ status: 'False', reason: 'ScienceChanged' });
  await vi.waitFor(held, within(60));
  expect(planned(await statusOf())?.message).toContain(`train ${newTrain - 1}, this install computes train ${newTrain}`);
  // Pods with the old image stay, and end at the first task that is not theirs; those that start from now on have the new one.
  hold.release();
  Object.assign(image, upgraded);
  const priced = await ncsweep(['adopt', 'upgraded'], { environment });
  expect(priced.stdout, priced.stderr).toMatch(new RegExp(`train ${newTrain - 1} → ${newTrain}: (\\d+) of \\1 cells recomputed`));
  await held();
  const adopted = await ncsweep(['adopt', 'upgraded', '--yes'], { environment });
  expect(adopted.exitCode, adopted.stderr).toBe(0);
  const complete = async (): Promise<void> => expect((await statusOf()).phase, leader.output().slice(-800)).toBe('Complete');
  await vi.waitFor(complete, within(120));
  expect((await statusOf()).scienceVersions).toMatchObject({ train: newTrain });

  const { sweep } = readSweep({ bytes: new TextEncoder().encode(JSON.stringify(document)), file: 'x', set: [] });
  const plan = planSweep(sweep, 'wasm', sweep.execution.evaluationBatchSize);
  const store = await openStore(location, 'read');
  const trainings: number[] = [];
  for await (const { key } of store.list('v1/results/')) {
    const { cellId, kind, scienceVersions: made } = cellResult.parse(JSON.parse(new TextDecoder().decode(await store.get(key))));
    if (kind !== 'snapshot') continue;
    expect(made['train'], cellId).toBe(plan.cells.has(cellId) ? newTrain - 1 : newTrain);
    trainings.push(made['train']!);
  }
  expect(new Set(trainings)).toEqual(new Set([newTrain - 1, newTrain]));
  await leader.stop();
  await runner.stop();
}, 300_000);
