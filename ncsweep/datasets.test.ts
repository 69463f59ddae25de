import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { datasetDigest } from './datasets.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-datasets-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('says what lies at a path that is no dataset', async () => {
  await writeFile(path.join(folder, 'cifar.tar.gz'), 'x');
  await expect(datasetDigest(path.join(folder, 'nowhere'))).rejects.toThrow(/nowhere: no such folder/);
  await expect(datasetDigest(path.join(folder, 'cifar.tar.gz'))).rejects.toThrow(/not a folder\. Unpack it/);
  await expect(datasetDigest(folder)).rejects.toThrow(/not the files of cifar10, .*image-parquet/);
});
