/** A sweep with claims ends with the same verdicts on PyTorch as on wasm. Needs `make torch`. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readReport, type SweepReport } from 'ncsweep/report';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ncsweep } from '../harness/cli-run.ts';

/** The quickstart in small: the network learns its images, and one budget is small beside their differences, one is not. */
const text = `apiVersion: ncsweep.dev/v1alpha1
kind: Sweep
metadata: {name: small-quickstart}
spec:
  dataset: [{name: prototypes, classes: 3, trainPerClass: 20, testPerClass: 6, imageSize: 8}]
  architecture: [{name: convnet, width: 8, depth: 3}]
  training:
    - {name: ST, epochs: 20, batchSize: 20, schedule: cosine, weightDecay: 0.01}
    - {name: AT, epochs: 20, batchSize: 20, schedule: cosine, weightDecay: 0.01, attack: {epsilon: 8/255, steps: 2, stepSize: 5/6*eps}}
  seed: [1..3]
  grids:
    - name: robustness
      epoch: [1, last]
      split: [train]
      attack: [{name: pgd, kind: pgd, steps: 4, stepSize: eps/2}, {name: sign, kind: sign-noise}]
      epsilon: [0, 8/255, 64/255]
    - name: adaptive
      split: [train]
      attack: [{name: ncc, kind: pgd, objective: ncc, steps: 4, stepSize: eps/2}]
      epsilon: [8/255]
      layer: [all]
      pooling: [flatten]
  execution: {parallelism: 1, evaluationBatchSize: 60}
  report: {claims: su2023}
`;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-torch-verdicts-'));
  await writeFile(path.join(folder, 'sweep.yaml'), text);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function reportOn(backend: string): Promise<SweepReport> {
  const store = path.join(folder, backend);
  const args = ['run', path.join(folder, 'sweep.yaml'), '--backend', backend, '--store', store, '--out', `${store}-out`];
  const { exitCode, stderr } = await ncsweep(args);
  expect(exitCode, stderr).toBe(0);
  return readReport('small-quickstart', { store });
}

/** The outcome of each claim, and what was found of each contrast behind it. */
const outcomes = ({ verdicts }: SweepReport): string[] =>
  verdicts.sets.flatMap(({ strata }) =>
    strata.flatMap((stratum) =>
      stratum.verdicts.map(({ claim, outcome, contrasts }) =>
        [claim.title, outcome, ...contrasts.map((each) => `${each.contrast.title} ${each.outcome}`)].join('; '),
      ),
    ),
  );

it('judges every claim and every contrast as wasm does', async () => {
  const [torch, wasm] = [outcomes(await reportOn('torch-cpu')), outcomes(await reportOn('wasm'))];
  expect(wasm.join()).toContain('predicted');
  expect(torch).toEqual(wasm);
});
