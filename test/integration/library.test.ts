/** The library as a program uses it: every example in its docstrings and documents compiles and runs. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as library from 'ncsweep';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeTinySweep } from '../harness/cli-run.ts';
import { documentedFunctions, examplesOf, libraryExamples } from '../harness/examples.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const examples = libraryExamples().map((example, i) => ({ ...example, file: `example-${String(i).padStart(2, '0')}.ts` }));
let folder = '';

const node = (...args: string[]) => promisify(execFile)(process.execPath, args, { cwd: folder, env: environment() });
const environment = (): NodeJS.ProcessEnv => ({ ...process.env, KUBECONFIG: path.join(folder, 'none') });

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-library-'));
  await symlink(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  await writeFile(path.join(folder, 'package.json'), '{"type": "module"}');
  await writeTinySweep(folder);
  for (const { file, code } of examples) await writeFile(path.join(folder, file), code);
  await writeFile(
    path.join(folder, 'run.ts'),
    `import { loadSweep, runSweep } from 'ncsweep'; await runSweep(await loadSweep('tiny.yaml'));`,
  );
  await node('run.ts');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('examples', () => {
  it('are found in docstrings and documents', () => {
    expect(examplesOf('a.ts', '/**\n * ```ts\n * one();\n *\n * two();\n * ```\n */')).toEqual([
      { place: 'a.ts:2', code: 'one();\n\ntwo();\n', isRun: true },
    ]);
    expect(examplesOf('a.md', 'x\n\n```ts no-run\none();\n```\n')).toEqual([{ place: 'a.md:3', code: 'one();\n', isRun: false }]);
    expect(examples.length).toBeGreaterThan(20);
  });

  it('stand in the docstring of every function of the library', () => {
    const documented = documentedFunctions();
    const functions = Object.entries(library).filter(
      ([, value]) => typeof value === 'function' && !/^class\b/.test(String(value)),
    );
    expect(functions.length).toBeGreaterThan(15);
    const without = functions.map(([name]) => name).filter((name) => !documented.get(name)?.includes('@example'));
    expect(without).toEqual([]);
  });

  it('compile with strict', async () => {
    const config = {
      extends: path.join(root, 'tsconfig.json'),
      compilerOptions: { noUnusedLocals: true, types: ['node'], typeRoots: [path.join(root, 'node_modules/@types')] },
      include: ['*.ts'],
    };
    await writeFile(path.join(folder, 'tsconfig.json'), JSON.stringify(config));
    const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
    const compiled = node(tsc, '--noEmit', '--project', 'tsconfig.json').catch((error: unknown) => error as { stdout: string });
    expect((await compiled).stdout).toBe('');
  });

  it.each(examples.filter(({ isRun }) => isRun))('$place runs, and warns of nothing', async ({ file }) => {
    const { stdout, stderr } = await node(file);
    expect(stderr).toBe('');
    expect(stdout).not.toBe('');
  });
});

describe('runSweep', () => {
  it('is stopped by its signal, goes on when it is called again, and prints nothing', async () => {
    const program = `
      import { loadSweep, runSweep } from 'ncsweep';
      const [stop, kinds] = [new AbortController(), new Set()];
      const sweep = await loadSweep('tiny.yaml');
      const options = { store: 'stopped', workers: 1 };
      const first = await runSweep(sweep, {
        ...options,
        signal: stop.signal,
        onEvent: (event) => {
          kinds.add(event.kind);
          if (event.kind === 'stream' && event.event.kind === 'committed') stop.abort();
        },
      });
      const second = await runSweep(sweep, { ...options, report: 'stopped-report' });
      const rows = second.report.tables.trials;
      const { writeFileSync } = await import('node:fs');
      writeFileSync('said.json', JSON.stringify({
        first: [first.interrupted, first.report === undefined, first.counts.done > 0 && first.counts.done < first.counts.total],
        second: [second.interrupted, second.counts.cached >= first.counts.done, second.counts.cached + second.counts.done],
        kinds: [...kinds], rows: rows.length, done: rows.every(({ state }) => state === 'done'), index: second.report.indexPath,
      }));`;
    await writeFile(path.join(folder, 'stop.mjs'), program);
    const { stdout, stderr } = await node('stop.mjs');
    expect([stdout, stderr]).toEqual(['', '']);
    const said = JSON.parse(await readFile(path.join(folder, 'said.json'), 'utf8')) as Record<string, unknown>;
    expect(said).toMatchObject({
      first: [true, true, true],
      second: [false, true, 12],
      rows: 24,
      done: true,
      index: path.join('stopped-report', 'index.html'),
    });
    expect(said['kinds']).toEqual(expect.arrayContaining(['started', 'record', 'stream', 'worker-ended']));
    expect(await readFile(path.join(folder, 'stopped-report/results.csv'), 'utf8')).toContain('fgsm');
  });

  it('refuses a store in which another run works, by a class of its own', async () => {
    const store = path.join(folder, 'locked');
    await mkdir(store);
    const opened = await import('@ncsweep/protocol/store/open-store').then(({ openStore }) => openStore(store, 'write'));
    const { takeStoreLock } = await import('@ncsweep/orchestrator/engine/local/store-lock');
    const lock = await takeStoreLock(opened, { command: 'other', sweep: 'other' });
    await expect(library.collectGarbage({ store })).rejects.toThrow(library.StoreLockedError);
    await lock.release();
    expect(await library.collectGarbage({ store })).toEqual([]);
  });
});
