/** `ncsweep verify` on the results of a sweep that was run here. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { encodeJson } from '@ncsweep/protocol/json-bytes';
import { isAvailable } from '@ncsweep/worker/backend/available-backends';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ncsweep, writeTinySweep } from '../harness/cli-run.ts';
import { forgeMetric, storedResult } from '../harness/forged-result.ts';

let folder = '';
let file = '';
const store = (): string => path.join(folder, 'store');
const temporary = (): string => path.join(folder, 'temporary');
const call = (...args: string[]) =>
  ncsweep(args, { environment: { NCSWEEP_STORE: store(), KUBECONFIG: path.join(folder, 'none'), TMPDIR: temporary() } });

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-verify-test-'));
  await mkdir(temporary());
  file = await writeTinySweep(folder);
  const { exitCode, stderr } = await call('run', file, '--out', path.join(folder, 'report'));
  expect(exitCode, stderr).toBe(0);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Found {
  readonly candidates: number;
  readonly finished: number;
  readonly cells: readonly {
    readonly cellId: string;
    readonly what: string;
    readonly verdict: string;
    readonly compared: number;
    readonly beyond: number;
    readonly files: readonly string[];
    readonly reason?: string;
    readonly worst: readonly { readonly metric: string; readonly stored: number; readonly again: number }[];
  }[];
}

async function verify(...args: string[]): Promise<Found & { readonly exitCode: number | null }> {
  const { stdout, stderr, exitCode } = await call('verify', 'tiny', ...args, '-o', 'json');
  expect(stdout, stderr).toMatch(/^\{/);
  return { ...(JSON.parse(stdout) as Found), exitCode };
}

const resultOf = (cellId: string) => storedResult(store(), cellId);

describe('ncsweep verify', () => {
  it('finds every evaluation of a sound sweep equal, leaves its store as it was, and nothing behind', async () => {
    const before = (await readdir(store(), { recursive: true })).sort();
    const found = await verify('--sample', '100');
    expect(found).toMatchObject({ exitCode: 0, candidates: 8, finished: 8 });
    expect(found.cells.map(({ verdict }) => verdict)).toEqual(Array(8).fill('equal'));
    expect(found.cells.every(({ compared }) => compared > 50)).toBe(true);
    expect((await readdir(store(), { recursive: true })).sort()).toEqual(before);
    expect(await readdir(temporary())).toEqual([]);
  });

  it('trains again from the start, weights equal to the byte, by sweep file as well', async () => {
    const { stdout, exitCode, stderr } = await call('verify', file, '--kind', 'snapshot', '--where', 'training=AT', 'epoch=last');
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toMatch(/1 of 1 snapshot cells on wasm, drawn with seed 1\n/);
    expect(stdout).toMatch(/AT seed 1 epoch 6 +\d+ +0 +equality +equal\n/);
    expect(stdout).toContain('equality was required');
  });

  it('finds one changed number: that cell and no other', async () => {
    const all = (await verify('--sample', '100', '--where', 'attack=fgsm')).cells;
    const [target] = all;
    const restore = await forgeMetric(store(), target!.cellId, 'nc1', 1e-9);
    const found = await verify('--sample', '100', '--where', 'attack=fgsm');
    expect(found.exitCode).toBe(3);
    expect(found.cells.filter(({ verdict }) => verdict !== 'equal')).toMatchObject([
      { cellId: target!.cellId, verdict: 'differs', beyond: 1, worst: [{ metric: 'nc1' }] },
    ]);
    const text = await call('verify', 'tiny', '--sample', '100', '--where', 'attack=fgsm');
    expect(text.stdout).toMatch(new RegExp(`${target!.cellId.slice(0, 12)} .*differs`));
    expect(text.stdout).toContain(`${all.length - 1} of ${all.length} verified`);
    await restore();
  });

  it('finds weights that the training does not give', async () => {
    const [snapshot] = (await verify('--kind', 'snapshot', '--where', 'training=ST', 'epoch=last')).cells;
    const { at, result } = await resultOf(snapshot!.cellId);
    const before = await readFile(at);
    await writeFile(
      at,
      encodeJson({ ...result, scalars: { ...result.scalars, weight_norm: result.scalars['weight_norm']! * 2 } }),
    );
    const found = await verify('--kind', 'snapshot', '--sample', '100');
    expect(found.exitCode).toBe(3);
    expect(found.cells.filter(({ verdict }) => verdict !== 'equal')).toMatchObject([
      { cellId: snapshot!.cellId, verdict: 'differs', worst: [{ metric: 'weight_norm' }] },
    ]);
    await writeFile(at, before);
  });

  it('compares with tolerances where equality is not promised', async () => {
    const [target] = (await verify('--sample', '1', '--where', 'attack=fgsm')).cells;
    const restore = await forgeMetric(store(), target!.cellId, 'nc1', 1e-9);
    const { at, result } = await resultOf(target!.cellId);
    await writeFile(at, encodeJson({ ...result, numerics: { ...result.numerics, device: 'another CPU' } }));
    const { stdout, exitCode } = await call('verify', 'tiny', '--sample', '1', '--where', 'attack=fgsm');
    expect([exitCode, stdout]).toEqual([
      0,
      expect.stringMatching(/within tolerance\ntolerances, because of device another CPU → /),
    ]);
    await restore();
  });

  it('demands equality of the results’ own backend, also when it is named', async () => {
    const { stdout } = await call('verify', 'tiny', '--sample', '1', '--on', 'wasm');
    expect(stdout).toContain('equality was required');
  });

  it.runIf(isAvailable('native-cpu'))('compares another backend with tolerances, weights trained by it as well', async () => {
    for (const kind of ['evaluate', 'snapshot']) {
      const { stdout, exitCode } = await call('verify', 'tiny', '--sample', '100', '--kind', kind, '--on', 'native-cpu');
      expect([exitCode, stdout]).toEqual([
        0,
        expect.stringMatching(/ cells on wasm, run again on native-cpu, .*tolerances, because of backend wasm → native-cpu/s),
      ]);
    }
  });

  it('says of a damaged artifact that it cannot be compared, and exits with 3', async () => {
    const [target] = (await verify('--sample', '1', '--where', 'attack=fgsm')).cells;
    const { result } = await resultOf(target!.cellId);
    const at = path.join(store(), result.artifacts[0]!.key);
    const before = await readFile(at);
    await writeFile(at, 'something else');
    const found = await verify('--sample', '1', '--where', 'attack=fgsm');
    expect(found).toMatchObject({
      exitCode: 3,
      cells: [{ verdict: 'not run again', reason: expect.stringContaining('the commit says') as string }],
    });
    await writeFile(at, before);
  });

  it.each([
    [4, 'did you mean "tiny"?', ['tinny']],
    [2, 'did you mean "training"?', ['tiny', '--where', 'trainin=AT']],
    [2, '--sample: expected a whole number from 1', ['tiny', '--sample', '0']],
    [4, 'nothing to compare with', ['FILE', '--set', 'spec.seed=[7]']],
  ])('exits with %d and says %s', async (code, said, args) => {
    const { exitCode, stderr } = await call('verify', ...args.map((arg) => (arg === 'FILE' ? file : arg)));
    expect([exitCode, stderr]).toEqual([code, expect.stringContaining(said)]);
  });
});
