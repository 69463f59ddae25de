/** A mid-sweep upgrade to other science: the Sweep waits until a person adopts it, and ids of the two versions never mix. */
import { fileURLToPath } from 'node:url';
import { scienceVersions } from '@ncsweep/catalog/science-versions';
import { cellResult } from '@ncsweep/protocol/result';
import type { SweepStatus } from '@ncsweep/protocol/status';
import { openStore } from '@ncsweep/protocol/store/open-store';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ncsweep } from '../harness/cli-run.ts';
import { Cluster } from '../harness/cluster.ts';
import { planOf, smallSpec } from '../harness/cluster-sweeps.ts';
import { stubSeeds } from '../harness/stub-seeds.ts';

const newTrain = scienceVersions.train + 1;
const upgraded = {
  NODE_OPTIONS: `--import=${fileURLToPath(new URL('../harness/other-science.ts', import.meta.url))}`,
  NCSWEEP_TEST_SCIENCE: `train=${newTrain}`,
};
let cluster: Cluster;
beforeAll(async () => {
  cluster = await Cluster.start('upgrade');
}, 120_000);
afterAll(() => cluster.stop());

const planned = ({ conditions }: SweepStatus) => conditions?.find(({ type }) => type === 'Planned');

it('waits until somebody adopts the new science, and no number has an id of the other version', async () => {
  const { sweeps, hold, plane } = cluster;
  const name = 'upgraded';
  const spec = smallSpec({ seed: [stubSeeds.plain, stubSeeds.held] });
  const environment = { ...plane.s3.environment, ...upgraded, KUBECONFIG: plane.api.kubeconfig };

  hold.begin();
  const old = await cluster.orchestrate();
  await sweeps.make(name, spec);
  const { scienceVersions: first } = await sweeps.works(name);
  expect(first).toMatchObject({ train: newTrain - 1, 'architecture:mlp': 1 });
  await old.stop();

  await cluster.orchestrate(upgraded);
  const isHeld = (status: SweepStatus): void =>
    expect(planned(status)).toMatchObject({ status: 'False', reason: 'ScienceChanged' });
  const held = await sweeps.has(name, isHeld);
  expect(planned(held)?.message).toContain(`train ${newTrain - 1}, this install computes train ${newTrain}`);
  // Pods with the old image stay, and end at the first task that is not theirs; those that start from now on have the new one.
  hold.release();
  cluster.runner.startWith(upgraded);
  const priced = await ncsweep(['adopt', name], { environment });
  expect(priced.stdout, priced.stderr).toMatch(
    new RegExp(`train ${newTrain - 1} → ${newTrain}: (\\d+) of \\1 cells computed anew`),
  );
  isHeld(await sweeps.status(name));
  const adopted = await ncsweep(['adopt', name, '--yes'], { environment });
  expect(adopted.exitCode, adopted.stderr).toBe(0);
  const { scienceVersions: then } = await sweeps.completes(name);
  expect(then).toMatchObject({ train: newTrain });

  const plan = planOf(name, spec);
  const store = await openStore(cluster.location, 'read');
  const trainings: number[] = [];
  for await (const { key } of store.list('v1/results/')) {
    const { cellId, kind, scienceVersions: made } = cellResult.parse(JSON.parse(new TextDecoder().decode(await store.get(key))));
    if (kind !== 'snapshot') continue;
    expect(made['train'], cellId).toBe(plan.cells.has(cellId) ? newTrain - 1 : newTrain);
    trainings.push(made['train']!);
  }
  expect(new Set(trainings)).toEqual(new Set([newTrain - 1, newTrain]));
}, 500_000);
