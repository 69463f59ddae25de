/** `ncsweep pull` on the results of a sweep that was run here. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sha256 } from '@ncsweep/protocol/canonical';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ncsweep, resultsCsv, writeTinySweep } from '../harness/cli-run.ts';

let folder = '';
const environment = (): Record<string, string> => ({
  NCSWEEP_STORE: path.join(folder, 'store'),
  KUBECONFIG: path.join(folder, 'none'),
});
const call = (...args: string[]) => ncsweep(args, { environment: environment() });
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-pull-'));
  const { exitCode, stderr } = await call('run', await writeTinySweep(folder), '--out', path.join(folder, 'report'));
  expect(exitCode, stderr).toBe(0);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Manifest {
  readonly weights: readonly { readonly file: string; readonly cellId: string; readonly sha256: string }[];
}

describe('ncsweep pull', () => {
  it('brings weights by name, verified, and a second time only what is not as it was', async () => {
    const out = path.join(folder, 'pulled');
    const first = await call('pull', 'tiny', '--out', out);
    expect(first.exitCode, first.stderr).toBe(0);
    const { weights } = JSON.parse(await readFile(path.join(out, 'manifest.json'), 'utf8')) as Manifest;
    expect(weights.map(({ file }) => file).sort()).toEqual(
      ['AT-seed-1-epoch-3', 'AT-seed-1-epoch-6', 'ST-seed-1-epoch-3', 'ST-seed-1-epoch-6'].map(
        (name) => `weights/${name}.safetensors`,
      ),
    );
    for (const { file, sha256: digest } of weights) expect(sha256(await readFile(path.join(out, file)))).toBe(digest);
    expect(await readFile(path.join(out, 'tables/results.csv'), 'utf8')).toBe(await resultsCsv(path.join(folder, 'report')));

    const damaged = path.join(out, weights[0]!.file);
    await writeFile(damaged, 'half a file');
    const again = await call('pull', 'tiny', '--out', out, '--what', 'weights');
    expect(again.stderr.match(/was there/g)).toHaveLength(3);
    expect(sha256(await readFile(damaged))).toBe(weights[0]!.sha256);
  });

  it('narrows by axes, and names what was probably meant', async () => {
    const out = path.join(folder, 'some');
    const { stdout } = await call(
      'pull',
      'tiny',
      '--out',
      out,
      '--what',
      'weights',
      '--where',
      'training=AT',
      'epoch=last',
      '-o',
      'name',
    );
    expect(stdout).toBe(`${path.join(out, 'weights/AT-seed-1-epoch-6.safetensors')}\n`);
    expect(await readdir(path.join(out, 'weights'))).toHaveLength(1);
    const rows = await call('pull', 'tiny', '--out', out, '--what', 'tables', '--where', 'attack=fgsm', 'layer=input');
    expect(rows.exitCode, rows.stderr).toBe(0);
    const lines = (await readFile(path.join(out, 'tables/results.csv'), 'utf8')).trim().split('\r\n').slice(1);
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.every((line) => line.includes(',fgsm,8/255,') && line.includes(',input,'))).toBe(true);
    const wrong = await call('pull', 'tiny', '--where', 'trainin=AT');
    expect([wrong.exitCode, wrong.stderr]).toEqual([2, expect.stringContaining('did you mean "training"?')]);
    const unknown = await call('pull', 'tinny');
    expect([unknown.exitCode, unknown.stderr]).toEqual([4, expect.stringContaining('did you mean "tiny"?')]);
  });
});
