/** A sweep with a plug-in in TypeScript, from a new folder to results. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newPlugin } from 'ncsweep/plugins/new-plugin';
import { ncsweep } from '../harness/cli-run.ts';

let folder = '';
const at = (...parts: string[]): string => path.join(folder, ...parts);
const environment = () => ({ NCSWEEP_STORE: at('store'), KUBECONFIG: at('none') });

const sweep = `apiVersion: ncsweep.dev/v1alpha1
kind: Sweep
metadata: {name: typed}
spec:
  plugins: [./lab]
  dataset: [{name: prototypes, classes: 2, trainPerClass: 16, testPerClass: 8, imageSize: 8}]
  architecture: [{name: mlp, width: 8, depth: 1}]
  training:
    - {name: SMOOTH, loss: plugin, part: lab/smooth, epochs: 2, batchSize: 8}
  seed: [1]
  grids:
    - name: main
      split: [test]
      epsilon: [0, 8/255]
      attack:
        - {name: own, kind: plugin, part: lab/steps, params: {steps: 3}}
        - {name: pgd, kind: pgd, steps: 3, randomStart: false, stepSize: 5/6*eps}
  execution: {evaluationBatchSize: 32}
  report: {claims: none}
`;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-typed-'));
  await writeFile(at('sweep.yaml'), sweep);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const run = () =>
  ncsweep(['run', at('sweep.yaml'), '--backend', 'wasm', '--workers', '1', '--out', at('out')], { environment: environment() });

/** Loss at the larger epsilon, by attack. */
async function losses(): Promise<Readonly<Record<string, number>>> {
  const [header = '', ...lines] = (await readFile(at('out', 'results.csv'), 'utf8')).trim().split(/\r?\n/);
  const column = (name: string): number => header.split(',').indexOf(name);
  const rows = lines.map((line) => line.split(',')).filter((row) => row[column('epsilon')] === '8/255');
  return Object.fromEntries(rows.map((row) => [row[column('attack')]!, Number(row[column('loss')])]));
}

describe('a plug-in in TypeScript', () => {
  it('is begun, passes its tests, and runs in a worker that knows only its store', async () => {
    const begun = await newPlugin('lab', { languages: ['TypeScript'], into: folder });
    expect(begun.files).toEqual(['plugin.yaml', 'attacks.ts', 'losses.ts']);
    const tried = await ncsweep(['plugin', 'test', at('lab')], { environment: environment() });
    expect([tried.exitCode, tried.stdout], tried.stderr).toEqual([
      0,
      expect.stringMatching(/10 of 10 passed: lab@sha256:[0-9a-f]{64}\n$/),
    ]);
    const done = await run();
    expect(done.exitCode, done.stderr).toBe(0);
    const { own, pgd } = await losses();
    expect(own).toBeGreaterThan(0);
    expect(Math.abs(own! - pgd!)).toBeLessThan(1e-4);
  });

  it('parks what fails, with the place in its code', async () => {
    const file = at('lab', 'attacks.ts');
    const code = await readFile(file, 'utf8');
    await writeFile(file, code.replace('  return images;', '  return images.nothing.here;'));
    const { exitCode, stdout, stderr } = await run();
    expect(exitCode).not.toBe(0);
    expect(stdout + stderr).toMatch(/lab\/steps: TypeError: .*\(attacks\.ts:\d+:\d+\)/);
  });
});
