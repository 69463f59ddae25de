/** The packages as users get them: packed, installed by plain npm into an empty folder, used from a shell and from TypeScript. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeTinySweep } from '../harness/cli-run.ts';
import { libraryExamples } from '../harness/examples.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly commit: string;
  readonly engines: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}
const manifestOf = async (folder: string): Promise<Manifest> =>
  JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')) as Manifest;

let [base, packed, folder] = ['', '', ''];

interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The environment of a user's shell, including how npm reaches its registry, without what this test was started with. */
const shell = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(NCSWEEP_|VITEST|NODE_(PATH|OPTIONS|ENV)$)/.test(name)),
);

/** A program in the folder where the packages are installed; nothing of the checkout but its Node is on its path. */
async function call(program: string, ...args: string[]): Promise<Ended> {
  const PATH = [path.join(folder, 'node_modules/.bin'), path.dirname(process.execPath), '/usr/bin', '/bin'].join(path.delimiter);
  const env = { ...shell, PATH, KUBECONFIG: path.join(folder, 'none') };
  const run = promisify(execFile)(program, args, { cwd: folder, env, maxBuffer: 1 << 24 });
  return run.then(
    ({ stdout, stderr }) => ({ exitCode: 0, stdout, stderr }),
    (error: unknown) => {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { exitCode: code, stdout, stderr };
    },
  );
}

beforeAll(async () => {
  base = await mkdtemp(path.join(tmpdir(), 'ncsweep-packages-'));
  [packed, folder] = [path.join(base, 'packed'), path.join(base, 'empty')];
  await promisify(execFile)(process.execPath, [path.join(root, 'scripts/pack.ts'), packed]);
  await mkdir(folder);
  await writeFile(path.join(folder, 'package.json'), '{"name": "empty", "private": true, "type": "module"}');
  await writeTinySweep(folder);
  const archives = (await readdir(packed)).filter((name) => name.endsWith('.tgz')).map((name) => path.join(packed, name));
  const { devDependencies = {} } = await manifestOf(root);
  const compilers = ['typescript', '@types/node'].map((name) => `${name}@${devDependencies[name]!}`);
  const quietly = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  const installed = await call('npm', 'install', ...quietly, ...archives, ...compilers);
  expect(installed.exitCode, installed.stderr).toBe(0);
});
afterAll(() => rm(base, { recursive: true, force: true }));

describe('packages', () => {
  it('carry the version of the root, its engines, the commit, and each other in that version', async () => {
    const { version, engines } = await manifestOf(root);
    const names = (await readdir(packed, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map(({ name }) => name);
    expect(names.length).toBeGreaterThanOrEqual(8);
    for (const name of names) {
      const manifest = await manifestOf(path.join(packed, name));
      expect(manifest).toMatchObject({
        version,
        engines,
        commit: expect.stringMatching(/^[0-9a-f]{12}(\.modified)?$/) as string,
      });
      const ours = Object.entries(manifest.dependencies ?? {}).filter(([of]) => /^(@ncsweep\/|ncsweep$)/.test(of));
      for (const [of, range] of ours) expect(range, `${name} on ${of}`).toBe(version);
    }
  });

  it('hold no source, no test and no test support, and each a README and the licence', async () => {
    const files = (await readdir(packed, { recursive: true })).filter((file) => !file.endsWith('.tgz'));
    const unwanted = files.filter((file) => /(?<!\.d)\.ts$|\.test\.|\/(testing|fixtures)\//.test(file));
    expect(unwanted).toEqual([]);
    for (const kind of ['README.md', 'LICENSE', 'package.json'])
      expect(files.filter((file) => path.basename(file) === kind)).toHaveLength(
        files.filter((file) => /^[^/]+\/dist$/.test(file)).length,
      );
  });

  it('install no native binding', async () => {
    const tensorflow = await readdir(path.join(folder, 'node_modules/@tensorflow'));
    expect(tensorflow.filter((name) => name.startsWith('tfjs-node'))).toEqual([]);
  });
});

describe('the installed command line', () => {
  it('explains itself, and says its version', async () => {
    const help = await call('ncsweep', '--help');
    expect(help).toMatchObject({ exitCode: 0, stderr: '' });
    expect(help.stdout).toContain('ncsweep run <file>');
    expect((await call('ncsweep', '--version')).stdout).toBe(`${(await manifestOf(root)).version}\n`);
  });

  it('validates and plans', async () => {
    expect(await call('ncsweep', 'validate', 'tiny.yaml')).toMatchObject({
      exitCode: 0,
      stdout: 'tiny.yaml is valid. Next: ncsweep plan tiny.yaml\n',
    });
    const plan = await call('ncsweep', 'plan', 'tiny.yaml', '-o', 'json');
    expect(JSON.parse(plan.stdout)).toMatchObject({ sweep: 'tiny', trials: 24, toRun: { snapshot: 4, evaluate: 8 } });
  });

  it('runs a sweep to its report on wasm, whose results name version and commit', async () => {
    const run = await call('ncsweep', 'run', 'tiny.yaml', '--out', 'report');
    expect(run.exitCode, run.stderr).toBe(0);
    expect((await stat(path.join(folder, 'report/index.html'))).size).toBeGreaterThan(10_000);
    expect((await readFile(path.join(folder, 'report/results.csv'), 'utf8')).match(/,done,/g)).toHaveLength(24);
    const { version, commit } = await manifestOf(path.join(packed, 'ncsweep'));
    const built = (await readFile(path.join(folder, 'report/provenance.json'), 'utf8')).match(/"buildId": "[^"]*"/g);
    expect(new Set(built)).toEqual(new Set([`"buildId": "ncsweep-${version}+${commit}"`]));
  });
});

describe('an installed TypeScript program', () => {
  const strict = {
    strict: true,
    module: 'nodenext',
    target: 'es2024',
    noEmit: true,
    types: ['node'],
    noUncheckedIndexedAccess: true,
  };

  it('compiles every example of the library with strict, declarations and all', async () => {
    const examples = libraryExamples();
    for (const [i, { code }] of examples.entries()) await writeFile(path.join(folder, `example-${i}.ts`), code);
    const tsconfig = { compilerOptions: { ...strict, skipLibCheck: false }, include: ['example-*.ts'] };
    await writeFile(path.join(folder, 'tsconfig.json'), JSON.stringify(tsconfig));
    const { stdout } = await call('tsc', '--project', 'tsconfig.json', '--pretty', 'false');
    // Declarations of other packages are not ours to fix.
    const ours = stdout.split('\n').filter((line) => /^(example-|node_modules\/(@ncsweep\/|ncsweep\/))/.test(line));
    expect(ours).toEqual([]);
    expect(examples.length).toBeGreaterThan(20);
  });

  it('runs the worked examples of docs/library.md', async () => {
    const worked = libraryExamples().filter(({ place }) => place.startsWith('docs/library.md'));
    expect(worked).toHaveLength(2);
    for (const [i, { code }] of worked.entries()) {
      await writeFile(path.join(folder, `worked-${i}.ts`), code);
      const { exitCode, stdout, stderr } = await call('node', `worked-${i}.ts`);
      expect([exitCode, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(i === 0 ? /^mlp-16 +fgsm +[\d.]+ [\d.]+$/m : /^AT: accuracy [\d.]+ under fgsm at 8\/255$/m);
    }
  });
});
