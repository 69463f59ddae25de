/** When a command's output has no reader or no space, the work continues, and its exit code describes the work. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeTinySweep } from '../harness/cli-run.ts';
import { temporaryFolder } from '../harness/local-run.ts';

const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
let folder = '';

/** A line of bash in a folder with `tiny.yaml`, where `ncsweep` is a command and $code becomes the exit code of the line's first part. */
async function bash(line: string): Promise<{ readonly stdout: string; readonly stderr: string; readonly code: string }> {
  const script = `ncsweep() { '${process.execPath}' '${main}' "$@"; }\n${line}\necho "code \${PIPESTATUS[0]}"`;
  const { stdout, stderr } = await promisify(execFile)('bash', ['-c', script], { cwd: folder });
  return { stdout, stderr, code: /code (\d+)\n$/.exec(stdout)![1]! };
}

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeTinySweep(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const hasReport = (out: string): boolean => existsSync(path.join(folder, out, 'results.csv'));

describe('a reader that leaves', () => {
  it('after the first line of events lets the run finish', async () => {
    const { stdout, stderr, code } = await bash('ncsweep run tiny.yaml --store events --out events-out --json | head -1');
    expect({ stderr, code }).toEqual({ stderr: '', code: '0' });
    expect(stdout).toMatch(/^{"kind":"planned".*\ncode 0\n$/);
    expect(hasReport('events-out')).toBe(true);
  });

  it('of stdout and stderr lets the run and its workers finish', async () => {
    const { code } = await bash('ncsweep run tiny.yaml --store both --out both-out |& true');
    expect(code).toBe('0');
    expect(hasReport('both-out')).toBe(true);
  });

  it.each(['plan tiny.yaml', 'validate tiny.yaml', '--help'])('of %s leaves no trace', async (args) => {
    expect(await bash(`ncsweep ${args} | true`)).toEqual({ stdout: 'code 0\n', stderr: '', code: '0' });
  });
});

describe.runIf(existsSync('/dev/full'))('a full disk under the output', () => {
  it('lets the run finish with its own exit code, and says that lines are missing', async () => {
    const { stderr, code } = await bash('ncsweep run tiny.yaml --store full --out full-out > /dev/full');
    expect(code).toBe('0');
    expect(stderr).toMatch(/^The output is incomplete: ENOSPC: .* Remedy: .*\n$/);
    expect(hasReport('full-out')).toBe(true);
  });

  it('fails a command that only prints', async () => {
    const { stderr, code } = await bash('ncsweep plan tiny.yaml > /dev/full');
    expect(code).toBe('1');
    expect(stderr).toMatch(/^The output is incomplete: ENOSPC: .*\n$/);
  });
});
