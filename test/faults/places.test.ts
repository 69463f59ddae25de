/** Places that a run cannot write to are reported before anything runs, in one message with a remedy; hard links are not needed. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ncsweep, resultsCsv, writeTinySweep } from '../harness/cli-run.ts';
import { temporaryFolder } from '../harness/local-run.ts';
import { mountExfat, mountTmpfs } from '../harness/mounts.ts';

let folder = '';
let file = '';
const at = (...parts: string[]): string => path.join(folder, ...parts);

beforeAll(async () => {
  folder = await temporaryFolder();
  file = await writeTinySweep(folder);
  expect((await ncsweep(['run', file, '--store', at('store'), '--out', at('out')])).exitCode).toBe(0);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const oneLine = (place: string, cause: string): RegExp =>
  new RegExp(`^(store|folder) ${place}: .*${cause}.* choose another .*\\n$`);

describe('an output folder', () => {
  beforeAll(async () => {
    await writeFile(at('a-file'), 'mine');
    await mkdir(at('empty-store'));
  });

  it.each(['a-file', 'a-file/out'])('that is or lies in a file (%s) is refused before anything runs', async (out) => {
    const { exitCode, stderr, stdout } = await ncsweep(['run', file, '--store', at('empty-store/store'), '--out', at(out)]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 5, stdout: '' });
    expect(stderr).toMatch(oneLine(at(out), 'there is a file where a folder is needed'));
    expect(existsSync(at('empty-store/store'))).toBe(false);
  });

  it.each(['report', 'pull'])('of %s is refused in the same words', async (command) => {
    const { exitCode, stderr } = await ncsweep([command, file, '--store', at('store'), '--out', at('a-file')]);
    expect(exitCode).toBe(5);
    expect(stderr).toMatch(oneLine(at('a-file'), 'there is a file where a folder is needed'));
  });
});

describe.runIf(process.getuid?.() === 0)('a read-only file system', () => {
  it.each(['store', 'out'])('as %s is named before anything runs', async (place) => {
    const unmount = mountTmpfs(at('read-only'), 'size=1m,ro');
    if (unmount === undefined) return;
    try {
      const places = { store: at('unused-store'), out: at('unused-out'), [place]: at('read-only/new') };
      const { exitCode, stderr, stdout } = await ncsweep(['run', file, '--store', places.store, '--out', places.out]);
      expect({ exitCode, stdout }).toEqual({ exitCode: 5, stdout: '' });
      expect(stderr).toMatch(oneLine(at('read-only/new'), 'the file system is read-only'));
    } finally {
      unmount();
    }
  });
});

describe('a file system without hard links', () => {
  async function expectSameResults(store: string, environment: Readonly<Record<string, string>> = {}): Promise<void> {
    const args = ['run', file, '--store', store, '--out', path.join(store, 'out'), '--workers', '2'];
    const { exitCode, stderr } = await ncsweep(args, { environment });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(await resultsCsv(path.join(store, 'out'))).toBe(await resultsCsv(at('out')));
    const again = await ncsweep([...args, '--json'], { environment });
    expect(again.exitCode).toBe(0);
    expect(again.stdout).not.toContain('"kind":"committed"');
  }

  const source = fileURLToPath(new URL('../harness/nolink.c', import.meta.url));

  it.runIf(process.platform === 'linux' && existsSync('/usr/bin/gcc')).each(['EPERM', 'ENOTSUP', 'ENOSYS'])(
    'that says %s gives the same results',
    async (code) => {
      const library = at(`nolink-${code}.so`);
      execFileSync('gcc', ['-shared', '-fPIC', `-DNOLINK_ERRNO=${code}`, source, '-o', library]);
      await expectSameResults(at(`store-${code}`), { LD_PRELOAD: library });
    },
  );

  it.runIf(process.getuid?.() === 0)('exFAT gives the same results', async () => {
    const unmount = mountExfat(at('exfat'), at('exfat.img'));
    if (unmount === undefined) return;
    try {
      await expectSameResults(at('exfat/store'));
    } finally {
      unmount();
    }
  });
});
