/** Problems of stores and runs that a user can meet: each says what is wrong, loses nothing, and ends when its cause does. */
import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliOptions, ncsweep, resultsCsv, writeTinySweep } from '../harness/cli-run.ts';
import { temporaryFolder } from '../harness/local-run.ts';

let folder = '';
let file = '';
let undisturbed = '';

const at = (...parts: string[]): string => path.join(folder, ...parts);
const run = (name: string, options: CliOptions & { args?: string[]; file?: string } = {}) =>
  ncsweep(
    ['run', options.file ?? file, '--store', at(name, 'store'), '--out', at(name, 'out'), ...(options.args ?? [])],
    options,
  );

async function expectEqualTables(name: string): Promise<void> {
  const { exitCode, stderr } = await run(name);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(await resultsCsv(at(name, 'out'))).toBe(undisturbed);
}

beforeAll(async () => {
  folder = await temporaryFolder();
  file = await writeTinySweep(folder);
  expect((await run('undisturbed')).exitCode).toBe(0);
  undisturbed = await resultsCsv(at('undisturbed', 'out'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function filesUnder(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}

describe('a second run', () => {
  it('executes nothing and gives equal tables', async () => {
    const { stdout, exitCode } = await run('undisturbed', { args: ['--json'] });
    expect(exitCode).toBe(0);
    expect(stdout).not.toContain('"kind":"committed"');
    expect(await resultsCsv(at('undisturbed', 'out'))).toBe(undisturbed);
  });

  it('beside a running one is refused by name, and the first one finishes', async () => {
    let second: ReturnType<typeof run> | undefined;
    const first = run('two', {
      args: ['--json', '--set', 'training[ST].epochs=3000'],
      onOutput: (out) => void (second ??= out.includes('"worker-up"') ? run('two') : undefined),
    });
    expect((await first).exitCode).toBe(0);
    const refused = await second;
    expect(refused?.exitCode).toBe(1);
    expect(refused?.stderr).toMatch(/is in use: `ncsweep run` of sweep tiny \(process \d+/);
    await expectEqualTables('two');
  });
});

describe('Ctrl-C', () => {
  it('stops with 130 and says how to go on', async () => {
    let sent = false;
    const { exitCode, stdout } = await run('interrupted', {
      // Trainings that no machine ends before the signal comes.
      args: ['--set', 'training[ST].epochs=100000', '--set', 'training[AT].epochs=100000'],
      onOutput: (out, pid) => {
        if (sent || !out.includes(' running')) return;
        sent = true;
        process.kill(-pid, 'SIGINT');
      },
    });
    expect(exitCode).toBe(130);
    expect(stdout).toContain('The same command continues from there');
    await expectEqualTables('interrupted');
  });
});

describe('a store', () => {
  it('of a newer format is refused', async () => {
    await mkdir(at('newer', 'store', 'v1'), { recursive: true });
    await writeFile(at('newer', 'store', 'v1', 'store.json'), '{"v":1,"format":99,"conditionalPut":true}');
    const { exitCode, stderr } = await run('newer');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('update ncsweep');
  });

  it('that stands where a file is says so', async () => {
    await mkdir(at('file'));
    await writeFile(at('file', 'store'), '');
    const { exitCode, stderr } = await run('file');
    expect(exitCode).toBe(5);
    expect(stderr).toContain('--store');
    await rm(at('file', 'store'));
    await expectEqualTables('file');
  });

  it.runIf(process.getuid?.() === 0)('on a full disk stops with the remedy, and goes on when there is space', async () => {
    await mkdir(at('full', 'store'), { recursive: true });
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=160k', 'tmpfs', at('full', 'store')]);
    } catch {
      process.stdout.write('SKIPPED full disk: no right to mount a tmpfs here\n');
      return;
    }
    try {
      const { exitCode, stderr } = await run('full');
      expect(exitCode).not.toBe(0);
      expect(stderr).toContain('the disk is full');
      execFileSync('mount', ['-o', 'remount,size=64m', at('full', 'store')]);
      await expectEqualTables('full');
    } finally {
      execFileSync('umount', [at('full', 'store')]);
    }
  });

  it.runIf(process.getuid?.() !== 0)('that is read-only stops with the remedy', async () => {
    await mkdir(at('read-only', 'store'), { recursive: true });
    chmodSync(at('read-only', 'store'), 0o500);
    const { exitCode, stderr } = await run('read-only');
    chmodSync(at('read-only', 'store'), 0o700);
    expect(exitCode).toBe(5);
    expect(stderr).toContain('access is denied');
    await expectEqualTables('read-only');
  });

  it('with a damaged artifact names it', async () => {
    await cp(at('undisturbed', 'store'), at('damaged', 'store'), { recursive: true });
    const metrics = (await filesUnder(at('damaged', 'store'))).find((name) => name.endsWith('metrics.parquet'))!;
    const bytes = await readFile(metrics);
    bytes[bytes.length >> 1]! ^= 255;
    await writeFile(metrics, bytes);
    const { exitCode, stderr, stdout } = await run('damaged');
    expect(exitCode, stdout).toBe(1);
    expect(stderr).toContain('metrics.parquet');
  });
});

describe('a diverging training', () => {
  it('is parked, stops nothing else, is not tried again unasked, and is with --retry-failed', async () => {
    const diverging = await writeTinySweep(at('undisturbed'), (text) =>
      text.replace('training:', 'training:\n    - {name: wild, epochs: 6, batchSize: 8, learningRate: 1e9}'),
    );
    const first = await run('diverging', { file: diverging });
    expect(first.exitCode).toBe(3);
    expect(first.stdout).toContain('nonFiniteLoss');
    const csv = await resultsCsv(at('diverging', 'out'));
    expect(csv).toContain(',done,');
    expect(csv).toMatch(/,(parked|blocked),/);
    const second = await run('diverging', { file: diverging, args: ['--json'] });
    expect(second.exitCode).toBe(3);
    expect(second.stdout).not.toContain('"attempt-ended"');
    const retried = await run('diverging', { file: diverging, args: ['--json', '--retry-failed'] });
    expect(retried.stdout).toContain('"attempt-ended"');
    expect(await resultsCsv(at('diverging', 'out'))).toBe(csv);
  });
});
