/**
 * `make bench`: runs the benchmark programs one after the other and writes results.json, RESULTS.md and the tables of
 * docs/benchmarks.md. BENCH=name,name runs some; the others' results stay. A program that fails leaves its earlier result.
 */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { promisify } from 'node:util';
import { decodeRun, type RecordedRun, resultsFile, tell } from './benchmark.ts';
import { readBenchConfig } from './config.ts';
import { machine } from './machine.ts';
import { fillMarks, renderResults } from './render-results.ts';

const at = (relative: string): URL => new URL(relative, import.meta.url);
const root = at('../').pathname;
const files = { json: at('results.json'), markdown: at('RESULTS.md'), docs: at('../docs/benchmarks.md') };

const known = readdirSync(at('.'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(at(`${entry.name}/run.ts`)))
  .map(({ name }) => name)
  .sort();

const git = (...args: string[]): string => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();

/** Files that this program writes do not count as changes. */
function commit(): string {
  const written = ['bench/results.json', 'bench/RESULTS.md', 'docs/benchmarks.md', 'bench/*.svg'].map((file) => `:!${file}`);
  return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '--', '.', ...written) === '' ? '' : '+');
}

async function runProgram(name: string): Promise<RecordedRun> {
  const facts = { ranAt: new Date().toISOString(), commit: commit(), machine: machine() };
  const running = promisify(execFile)(process.execPath, [at(`${name}/run.ts`).pathname], { cwd: root, maxBuffer: 1 << 28 });
  running.child.stderr?.pipe(process.stderr);
  const { stdout } = await running;
  return { ...decodeRun(JSON.parse(stdout)), ...facts };
}

function write(runs: readonly RecordedRun[]): void {
  writeFileSync(files.json, `${JSON.stringify({ v: 1, benchmarks: runs }, null, 1)}\n`);
  writeFileSync(files.markdown, renderResults(runs));
  if (existsSync(files.docs)) writeFileSync(files.docs, fillMarks(readFileSync(files.docs, 'utf8'), runs, '../bench/'));
}

function earlierRuns(): RecordedRun[] {
  if (!existsSync(files.json)) return [];
  return resultsFile.parse(JSON.parse(readFileSync(files.json, 'utf8'))).benchmarks.filter(({ name }) => known.includes(name));
}

const { names } = readBenchConfig();
const unknown = names.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  tell(`BENCH: no benchmark ${unknown.join(', ')}; there are ${known.join(', ')}`);
  process.exit(2);
}
const runs = new Map(earlierRuns().map((run) => [run.name, run]));
const inOrder = (): RecordedRun[] => [...runs.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
for (const name of names.length > 0 ? names : known) {
  tell(`\n== ${name} ==`);
  const startMs = Date.now();
  try {
    runs.set(name, await runProgram(name));
    write(inOrder());
    tell(`== ${name}: ${Math.round((Date.now() - startMs) / 1000)} s ==`);
  } catch (error) {
    tell(`FAILED ${name}: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
tell('bench/RESULTS.md');
