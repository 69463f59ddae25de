/** Sweeps computed with PyTorch, by real workers, beside the same ones on wasm. Needs `make torch`. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ncsweep, writeTinySweep } from '../harness/cli-run.ts';

let folder = '';
const call = (...args: string[]) =>
  ncsweep(args, { environment: { NCSWEEP_STORE: path.join(folder, 'store'), KUBECONFIG: path.join(folder, 'none') } });
const out = (name: string): string => path.join(folder, name);
let file = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-torch-test-'));
  file = await writeTinySweep(folder);
  const { exitCode, stderr } = await call('run', file, '--out', out('wasm'));
  expect(exitCode, stderr).toBe(0);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('torch-cpu', () => {
  it.each(['evaluate', 'snapshot'])('gives the numbers of wasm within the tolerances of verify: %s', async (kind) => {
    const { stdout, exitCode } = await call('verify', 'tiny', '--sample', '100', '--kind', kind, '--on', 'torch-cpu');
    expect([exitCode, stdout]).toEqual([
      0,
      expect.stringMatching(/ cells on wasm, run again on torch-cpu, .*tolerances, because of backend wasm → torch-cpu/s),
    ]);
  });

  it('computes a whole sweep, and the same bytes again', async () => {
    const again = await Promise.all(
      ['first', 'second'].map(async (name) => {
        const store = path.join(folder, name);
        const args = ['run', file, '--backend', 'torch-cpu', '--store', store, '--workers', '1', '--out', out(name)];
        const { exitCode, stderr } = await call(...args);
        expect(exitCode, stderr).toBe(0);
        return readFile(path.join(out(name), 'results.csv'), 'utf8');
      }),
    );
    expect(again[0]).toBe(again[1]);
    const wasm = await readFile(path.join(out('wasm'), 'results.csv'), 'utf8');
    expect(again[0]!.split('\n').length).toBe(wasm.split('\n').length);
  });
});
