/**
 * Builds the packages: `node scripts/pack.ts [FOLDER]` (`make pack`) compiles every workspace to JavaScript and declarations, and
 * leaves one folder and one archive per package in FOLDER (default: out/packages). Nothing in a checkout needs them.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { commit } from 'ncsweep/build-id';
import { builtManifest, type Build, type Manifest } from './packages/manifest.ts';

interface RootManifest {
  readonly version: string;
  readonly engines: Readonly<Record<string, string>>;
  readonly workspaces: readonly string[];
}

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string): unknown => JSON.parse(readFileSync(path.join(root, file), 'utf8'));
const manifestOf = (workspace: string): Manifest => read(`${workspace}/package.json`) as Manifest;
const run = (command: string, args: readonly string[], cwd: string): string =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

/** The compiler does not rewrite the path of a source file that is looked up at run time. */
const sourceAtRunTime = /(?:new URL|resolve)\(\s*['"`]\.[^'"`]*\.ts['"`]/;

/** @throws Error for a module that would not find its programs */
function assertFindsPrograms(folder: string): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const found = name.endsWith('.js') ? sourceAtRunTime.exec(readFileSync(path.join(folder, name), 'utf8')) : null;
    if (found !== null)
      throw new Error(
        `${path.join(folder, name)}: ${found[0]} names a source; resolve it by its package, as '@ncsweep/worker/main'`,
      );
  }
}

/** For a package without its own README. */
const shortReadme = ({ name, description = '' }: Manifest): string =>
  `# ${name}\n\n${description}.\n\nA part of ncsweep. Programs import the package \`ncsweep\`; what is in here may change with every version.\n`;

function assemble(workspace: string, compiled: string, folder: string, build: Build): void {
  const manifest = manifestOf(workspace);
  assertFindsPrograms(compiled);
  mkdirSync(folder, { recursive: true });
  cpSync(compiled, path.join(folder, 'dist'), { recursive: true });
  for (const name of manifest.files ?? []) cpSync(path.join(root, workspace, name), path.join(folder, name), { recursive: true });
  cpSync(path.join(root, 'LICENSE'), path.join(folder, 'LICENSE'));
  const readme = path.join(root, workspace, 'README.md');
  writeFileSync(path.join(folder, 'README.md'), existsSync(readme) ? readFileSync(readme, 'utf8') : shortReadme(manifest));
  writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(builtManifest(manifest, build), null, 2)}\n`);
}

async function pack(out: string): Promise<string> {
  const { version, engines, workspaces } = read('package.json') as RootManifest;
  const packages = workspaces.map((workspace) => manifestOf(workspace).name);
  const build: Build = { version, engines, packages, commit: await commit() };
  rmSync(out, { recursive: true, force: true });
  const compiled = path.join(out, 'build');
  run(path.join(root, 'node_modules/.bin/tsc'), ['--project', 'tsconfig.pack.json', '--outDir', compiled], root);
  for (const workspace of workspaces) assemble(workspace, path.join(compiled, workspace), path.join(out, workspace), build);
  rmSync(compiled, { recursive: true });
  const folders = workspaces.map((workspace) => `./${workspace}`);
  return run('npm', ['pack', '--silent', '--ignore-scripts', ...folders], out);
}

const out = path.resolve(process.argv[2] ?? path.join(root, 'out/packages'));
process.stdout.write(await pack(out));
