/**
 * Runs the test tiers and ends with one line "N passed, N failed, N skipped". NCSWEEP_TIERS names tiers (comma-separated); a
 * named tier whose requirements are missing fails, an unnamed one is skipped with a prominent line. Without NCSWEEP_TIERS every
 * tier whose requirements can be met here runs. NCSWEEP_SAMPLE runs only parts of tiers (test-sample.ts), drawn by the commit.
 */
import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { drawn, readSample } from './test-sample.ts';

interface Tier {
  readonly name: string;
  /** Roughly how long it takes on two cores. */
  readonly takes: string;
  /** Commands that provide what the tier requires; a failure means that it is missing. */
  readonly needs: readonly (readonly string[])[];
  readonly run: () => Counts;
}

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** The part of vitest's JSON report that is used here. */
interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    /** In ms since the epoch. */
    readonly startTime: number;
    readonly endTime: number;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/** Repeated at the end, where readers of a log look first. */
const failures: string[] = [];

const root = new URL('..', import.meta.url).pathname;
const succeeds = ([command = '', ...args]: readonly string[]): boolean =>
  spawnSync(command, args, { cwd: root, stdio: 'inherit' }).status === 0;

/** Each tool counts as one test. */
function tools(commands: readonly (readonly string[])[]): Counts {
  const failed = commands.filter((command) => !succeeds(command));
  failures.push(...failed.map((command) => command.join(' ')));
  return { passed: commands.length - failed.length, failed: failed.length, skipped: 0 };
}

/** Files of a tier that this run leaves out are said. @returns the drawn ones; none means all */
function drawnFiles(project: string): string[] {
  const parts = sample.get(project);
  if (parts === undefined) return [];
  const files = globSync(`test/${project}/**/*.test.ts`, { cwd: root });
  const { stdout } = spawnSync('git', ['rev-parse', 'HEAD'], { cwd: root, encoding: 'utf8' });
  const taken = drawn(files, parts, stdout.trim());
  const left = files.filter((file) => !taken.includes(file)).map((file) => path.basename(file, '.test.ts'));
  process.stdout.write(
    `${taken.length} of ${files.length} files of ${project} run, drawn by the commit. ` +
      `All: NCSWEEP_TIERS=${project} make test. Not drawn: ${left.sort().join(', ')}\n`,
  );
  return taken;
}

function vitest(project: string): Counts {
  mkdirSync(`${root}.cache`, { recursive: true });
  const outputFile = `${root}.cache/tests-${project}.json`;
  rmSync(outputFile, { force: true });
  const temporary = mkdtempSync(path.join(tmpdir(), 'ncsweep-tests-'));
  const { status } = spawnSync(
    'vitest',
    ['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile=${outputFile}`, ...drawnFiles(project)],
    { cwd: root, stdio: 'inherit', env: { ...process.env, TMPDIR: temporary } },
  );
  rmSync(temporary, { recursive: true, force: true, maxRetries: 3 });
  try {
    const report = JSON.parse(readFileSync(outputFile, 'utf8')) as VitestReport;
    failures.push(...failuresOf(report));
    process.stdout.write(`longest files of ${project}: ${longestFiles(report)}\n`);
    return {
      passed: report.numPassedTests,
      failed: status === 0 ? report.numFailedTests : Math.max(1, report.numFailedTests),
      skipped: report.numPendingTests + report.numTodoTests,
    };
  } catch {
    failures.push(`${project}: vitest ended with ${status} and without a report`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

/** Where a tier's time goes. */
function longestFiles({ testResults }: VitestReport): string {
  const took = testResults.map(({ name, startTime, endTime }) => ({ file: path.basename(name), ms: endTime - startTime }));
  const longest = took.sort((a, b) => b.ms - a.ms).slice(0, 5);
  return longest.map(({ file, ms }) => `${file} ${Math.round(ms / 1000)} s`).join(', ');
}

/** One line per failed test, and one per file that failed outside its tests. */
function failuresOf({ testResults }: VitestReport): string[] {
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const failed = assertionResults.filter((each) => each.status === 'failed');
    const file = name.replace(root, '');
    if (failed.length === 0) return status === 'failed' ? [`${file}: ${firstLines(message)}`] : [];
    return failed.map((each) => `${file} > ${each.fullName}: ${firstLines(each.failureMessages[0] ?? '')}`);
  });
}

const firstLines = (text: string): string => text.split('\n').slice(0, 3).join('\n    ').slice(0, 800);

const sum = (a: Counts, b: Counts): Counts => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
});

const pythonTools = ['ruff check', 'ruff format --check', 'mypy', 'pytest'].map((tool) => [
  ...['env', '-C', 'python', '../node_modules/.torch/bin/python', '-m'],
  ...tool.split(' '),
]);

const tiers: readonly Tier[] = [
  {
    name: 'static',
    takes: '1 min',
    needs: [],
    run: () =>
      tools([
        ['tsc', '--noEmit'],
        ['eslint', '--cache', '--cache-location', '.cache/eslint', '--max-warnings', '0', '.'],
        ['prettier', '--check', '--log-level', 'warn', '.'],
        ['npm', 'run', '--silent', 'imports'],
        ['knip'],
      ]),
  },
  { name: 'unit', takes: '2 min', needs: [], run: () => vitest('unit') },
  { name: 'integration', takes: '3 min', needs: [], run: () => vitest('integration') },
  { name: 'native', takes: '2 min, first time 3 min more', needs: [['scripts/native/build.sh']], run: () => vitest('native') },
  {
    name: 'torch',
    takes: '2 min, first time 3 min more',
    needs: [['scripts/torch/setup.sh', 'tests']],
    run: () => sum(tools(pythonTools), vitest('torch')),
  },
  {
    name: 'servers',
    takes: '5 min, first time 4 min more',
    needs: [['scripts/servers/build.sh', 'nats-server', 'versitygw']],
    run: () => vitest('servers'),
  },
  {
    name: 'kube',
    takes: '10 min, first time up to 25 min more',
    needs: [['scripts/servers/build.sh', 'kube', 'helm', 'nats-server', 'versitygw']],
    run: () => vitest('kube'),
  },
  {
    name: 'pods',
    takes: '5 min, first time up to 25 min more',
    needs: [
      ['scripts/setup-node.sh'],
      ['scripts/servers/build.sh', 'kube', 'helm', 'nats-server', 'versitygw', 'crane'],
      ['scripts/images/build.sh', 'orchestrator', 'cli', 'worker', 'nats', 'versitygw'],
    ],
    run: () => vitest('pods'),
  },
  { name: 'faults', takes: '3 min', needs: [], run: () => vitest('faults') },
  { name: 'browser', takes: '1 min', needs: [['scripts/setup-browser.sh']], run: () => vitest('browser') },
];

function refuse(why: string): never {
  process.stderr.write(`${why}\n`);
  process.exit(2);
}

const named = (process.env['NCSWEEP_TIERS'] ?? '').split(',').filter(Boolean);
const names = tiers.map(({ name }) => name);
const unknown = named.filter((name) => !names.includes(name));
if (unknown.length > 0) refuse(`NCSWEEP_TIERS: no tier ${unknown.join(', ')}; there are ${names.join(', ')}`);
const sample = readSample(process.env['NCSWEEP_SAMPLE'] ?? '', ['servers', 'kube', 'pods', 'faults'], refuse);

const total: Counts = { passed: 0, failed: 0, skipped: 0 };
const took: string[] = [];
for (const tier of tiers) {
  if (named.length > 0 && !named.includes(tier.name)) {
    process.stdout.write(`SKIPPED tier ${tier.name}: not named in NCSWEEP_TIERS\n`);
    continue;
  }
  process.stdout.write(`\n== tier ${tier.name}: about ${tier.takes} ==\n`);
  const start = performance.now();
  const seconds = (): number => Math.round((performance.now() - start) / 1000);
  if (!tier.needs.every(succeeds)) {
    process.stdout.write(`${named.length > 0 ? 'FAILED' : 'SKIPPED'} tier ${tier.name}: its needs are missing (see above)\n`);
    total[named.length > 0 ? 'failed' : 'skipped'] += 1;
    if (named.length > 0) failures.push(`tier ${tier.name}: its needs are missing`);
    continue;
  }
  const setUp = seconds();
  const counts = tier.run();
  took.push(`${tier.name} ${seconds()} s` + (setUp < 10 ? '' : ` (${setUp} s of it to set up)`));
  for (const key of ['passed', 'failed', 'skipped'] as const) total[key] += counts[key];
}
process.stdout.write(`\ntook: ${took.join(', ')}\n`);
for (const failure of failures) process.stdout.write(`FAILED ${failure}\n`);
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
process.exitCode = total.failed === 0 ? 0 : 1;
