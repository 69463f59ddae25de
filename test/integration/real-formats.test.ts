/** Sweeps over small files in the real formats of the datasets, through the command line. */
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { writeCifar10, writeImageFolder, writeMnist } from '@ncsweep/worker/data/test-files';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ncsweep, resultsCsv } from '../harness/cli-run.ts';
import { temporaryFolder } from '../harness/local-run.ts';

let folder = '';
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const sweep = (name: string, dataset: string): string => `apiVersion: ncsweep.dev/v1alpha1
kind: Sweep
metadata: {name: ${name}}
spec:
  dataset: [${dataset}]
  architecture: [{name: convnet, width: 2, depth: 2}]
  training: [{name: ST, epochs: 1, batchSize: 20}]
  seed: [1]
  grids:
    - {name: main, attack: [{name: fgsm, kind: fgsm}], epsilon: [0, 8/255], split: [train, test]}
  execution: {backend: wasm}
  report: {claims: none}
`;

describe('a sweep over files', () => {
  it.each([
    ['cifar10', '{name: cifar10, path: ./cifar10, onlyClasses: [2, 5]}', writeCifar10],
    ['mnist', '{name: mnist, path: ./mnist}', (at: string) => writeMnist(at, 40, true)],
    ['folder', '{name: image-folder, path: ./folder, imageSize: 16}', writeImageFolder],
  ])('%s runs through', async (name, dataset, write) => {
    await write(path.join(folder, name));
    const file = path.join(folder, `${name}.yaml`);
    await writeFile(file, sweep(name, dataset));
    const out = path.join(folder, `${name}-out`);
    const { exitCode, stderr } = await ncsweep(['run', file, '--store', path.join(folder, `${name}-store`), '--out', out]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const csv = await resultsCsv(out);
    expect(csv).toContain(',done,');
    expect(csv).not.toMatch(/,(parked|blocked|missing),/);
  });

  it('without its files says which and how to name them', async () => {
    const file = path.join(folder, 'none.yaml');
    await writeFile(file, sweep('none', '{name: cifar10}'));
    const { exitCode, stderr } = await ncsweep(['run', file, '--store', path.join(folder, 'none-store')]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--set dataset[cifar10].path=FOLDER');
  });
});
