/** SIGKILL to the worker, the parent, the compute process or all of them, at seeded steps between any two changes of the store. */
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ncsweep, resultsCsv, writeTinySweep } from '../harness/cli-run.ts';
import { temporaryFolder } from '../harness/local-run.ts';

const preload = fileURLToPath(new URL('./kill-at.ts', import.meta.url));
let folder = '';
let file = '';
let undisturbed = '';

const run = (name: string, environment: Record<string, string> = {}) =>
  ncsweep(['run', file, '--store', path.join(folder, name, 'store'), '--out', path.join(folder, name, 'out')], { environment });

beforeAll(async () => {
  folder = await temporaryFolder();
  file = await writeTinySweep(folder);
  const { exitCode, stderr } = await run('undisturbed');
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
  undisturbed = await resultsCsv(path.join(folder, 'undisturbed', 'out'));
  expect(undisturbed.match(/,done,/g)?.length).toBeGreaterThan(20);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Steps spread over the run by a fixed stride, so that they fall before, between and after artifacts and commits. */
const spread = (count: number, first: number, stride: number): number[] =>
  Array.from({ length: count }, (_, i) => first + i * stride);

const points = [
  ...spread(22, 9, 13).map((at) => ['worker', at] as const),
  ...spread(16, 5, 19).map((at) => ['all', at] as const),
  ...spread(6, 2, 5).map((at) => ['parent', at] as const),
  ...spread(8, 4, 6).map((at) => ['compute', at] as const),
];

describe('kill -9, then the same command', () => {
  it.concurrent.each(points)('of %s at step %i', async (role, at) => {
    const name = `${role}-${at}`;
    const mark = path.join(folder, `${name}.mark`);
    await mkdir(path.join(folder, name), { recursive: true });
    await run(name, {
      NODE_OPTIONS: `--import=${preload}`,
      NCSWEEP_KILL_ROLE: role,
      NCSWEEP_KILL_AT: String(at),
      NCSWEEP_KILL_MARK: mark,
    });
    expect(existsSync(mark), 'the run has so many steps').toBe(true);
    const { exitCode, stderr } = await run(name);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(await resultsCsv(path.join(folder, name, 'out'))).toBe(undisturbed);
  });
});
