/** Sweeps over small files in the real formats of the datasets, through the command line. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { writeArrays, writeCifar10, writeHubImages, writeImageFolder, writeMnist } from '@ncsweep/worker/testing/data-files';
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
    ['parquet', '{name: image-parquet, path: ./parquet}', writeHubImages],
    ['arrays', '{name: arrays, path: ./arrays}', writeArrays],
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

  it('takes them from the store by the name they were pushed under, with the same numbers', async () => {
    const [store, images] = [path.join(folder, 'pushed-store'), path.join(folder, 'pushed')];
    await writeCifar10(images);
    const push = () => ncsweep(['dataset', 'push', 'ours', images, '--store', store, '-o', 'json']);
    expect(JSON.parse((await push()).stdout)).toMatchObject({ dataset: 'cifar10', sent: { shards: 1 } });
    expect(JSON.parse((await push()).stdout)).toMatchObject({ sent: { shards: 0, bytes: 0 } });
    expect((await ncsweep(['dataset', 'list', '--store', store])).stdout).toMatch(/^ours +cifar10 +\d+ kB  [0-9a-f]{64}\n$/);
    const run = async (dataset: string): Promise<string> => {
      const file = path.join(folder, 'pushed.yaml');
      await writeFile(file, sweep('pushed', dataset));
      const out = path.join(folder, 'pushed-out');
      const environment = { NCSWEEP_CACHE: path.join(folder, 'cache') };
      const ended = await ncsweep(['run', file, '--store', store, '--out', out], { environment });
      expect({ exitCode: ended.exitCode, stderr: ended.stderr }).toEqual({ exitCode: 0, stderr: '' });
      return resultsCsv(out);
    };
    const fromPath = await run('{name: cifar10, path: ./pushed}');
    expect((await ncsweep(['store', 'fsck', '--store', store])).exitCode).toBe(0);
    await rm(path.join(store, 'v1/results'), { recursive: true });
    const batch = await readFile(path.join(images, 'data_batch_1.bin'));
    await writeFile(path.join(images, 'data_batch_1.bin'), batch.fill(7, batch.length - 1));
    const taken = await push();
    expect(taken).toMatchObject({ exitCode: 2 });
    expect(taken.stderr).toMatch(/ours: already names other files.*under another name/);
    await rm(images, { recursive: true });
    expect(await run('{name: cifar10, pushed: ours}')).toBe(fromPath);
    const unknown = path.join(folder, 'unknown.yaml');
    await writeFile(unknown, sweep('unknown', '{name: cifar10, pushed: theirs}'));
    const refused = await ncsweep(['plan', unknown, '--store', store]);
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toMatch(
      /pushed\n +found +theirs\n +expected +a dataset that was pushed to.*\n +remedy +ncsweep dataset push theirs/,
    );
  });

  it('without its files says which and how to name them', async () => {
    const file = path.join(folder, 'none.yaml');
    await writeFile(file, sweep('none', '{name: cifar10}'));
    const { exitCode, stderr } = await ncsweep(['run', file, '--store', path.join(folder, 'none-store')]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--set dataset[cifar10].path=FOLDER');
  });
});
