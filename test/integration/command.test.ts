/** `bin/ncsweep`, the command of a checkout: from any folder, by any name, and never another program. */
import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, symlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeTinySweep } from '../harness/cli-run.ts';
import { temporaryFolder } from '../harness/local-run.ts';

const program = fileURLToPath(new URL('../../bin/ncsweep', import.meta.url));
let folder = '';

/** In a folder outside the checkout. */
const bash = (line: string) =>
  promisify(execFile)('bash', ['-c', line], { cwd: folder, env: { PATH: process.env['PATH'], HOME: folder } });

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeTinySweep(folder);
  mkdirSync(path.join(folder, 'on-path'));
  symlinkSync(program, path.join(folder, 'on-path/ncsweep'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it.each([
  ['its path', program, program],
  ['a link', 'on-path/ncsweep', 'on-path/ncsweep'],
  ['its name on the PATH', 'PATH="$PWD/on-path:$PATH" ncsweep', 'ncsweep'],
])('is called by %s, and hints say it so', async (_, typed, said) => {
  const { stdout } = await bash(`${typed} validate tiny.yaml --set seed=[1,2]`);
  expect(stdout).toBe(`tiny.yaml is valid. Next: ${said} plan tiny.yaml --set 'seed=[1,2]'\n`);
});

it('hands over arguments as they are, and the exit code', async () => {
  await expect(bash(`'${program}' validate 'no such  file'`)).rejects.toMatchObject({
    code: 4,
    stderr: expect.stringContaining('no such  file') as unknown,
  });
});

it('runs nothing and asks nobody in a checkout without packages', async () => {
  mkdirSync(path.join(folder, 'clone/bin'), { recursive: true });
  const copy = path.join(folder, 'clone/bin/ncsweep');
  copyFileSync(program, copy);
  chmodSync(copy, 0o755);
  await expect(bash('clone/bin/ncsweep run tiny.yaml')).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr: `ncsweep: ${path.join(folder, 'clone')} has no packages installed yet. Remedy: make -C '${path.join(folder, 'clone')}' setup\n`,
  });
});
