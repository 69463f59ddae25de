import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
let tree: string;

beforeEach(() => {
  tree = mkdtempSync(join(tmpdir(), 'ncsweep-imports-'));
  cpSync(join(root, '.dependency-cruiser.cjs'), join(tree, '.dependency-cruiser.cjs'));
  cpSync(join(root, 'tsconfig.json'), join(tree, 'tsconfig.json'));
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
});
afterEach(() => rmSync(tree, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(tree, path)), { recursive: true });
  writeFileSync(join(tree, path), text);
}

/** The rules that each file of the tree breaks, once each. Most cases import what the tree does not hold, which is not their subject. */
function broken(ignored = 'resolvable'): ReadonlyMap<string, ReadonlySet<string>> {
  const args = ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', '.'];
  const run = (): string => execFileSync(join(root, 'node_modules/.bin/depcruise'), args, { cwd: tree, encoding: 'utf8' });
  let json: string;
  try {
    json = run();
  } catch (error) {
    json = (error as { stdout: string }).stdout;
  }
  const { summary } = JSON.parse(json) as { summary: { violations: { from: string; rule: { name: string } }[] } };
  const rules = new Map<string, Set<string>>();
  for (const { from, rule } of summary.violations)
    if (rule.name !== ignored) rules.set(from, (rules.get(from) ?? new Set()).add(rule.name));
  return rules;
}

/** The names of the rules that the tree breaks. */
const brokenRules = (): string[] => [...new Set([...broken().values()].flatMap((rules) => [...rules]))].sort();

/** Every case has files of its own in one tree, so that the tree is read once: reading it takes seconds. */
const own = (file: string, i: number): string => file.replace(/\b([ab])\.ts$/, `$1${i}.ts`);

describe('import rules', () => {
  const forbidden = [
    ['protocol/a.ts', '../worker/b.ts', 'protocol-layer'],
    ['protocol/a.ts', '../catalog/b.ts', 'protocol-layer'],
    ['catalog/a.ts', '../worker/b.ts', 'catalog-layer'],
    ['catalog/language/a.ts', '../../protocol/store/b.ts', 'pure-parts-load-no-shell'],
    ['collapse/a.ts', '../protocol/b.ts', 'collapse-layer'],
    ['orchestrator/a.ts', '../worker/b.ts', 'orchestrator-layer'],
    ['worker/a.ts', '../report/b.ts', 'worker-layer'],
    ['report/a.ts', '../orchestrator/b.ts', 'report-layer'],
    ['orchestrator/a.ts', '../ncsweep/b.ts', 'orchestrator-layer'],
    ['worker/a.ts', '../ncsweep/b.ts', 'worker-layer'],
    ['ncsweep/a.ts', '../cli/b.ts', 'ncsweep-layer'],
    ['ncsweep/cluster/a.ts', '../../worker/b.ts', 'ncsweep-layer'],
    ['cli/a.ts', '../worker/b.ts', 'cli-layer'],
    ['cli/a.ts', '../orchestrator/engine/b.ts', 'cli-acts-through-the-library'],
    ['cli/cluster/a.ts', '../../orchestrator/kube/b.ts', 'cli-acts-through-the-library'],
    ['cli/a.ts', '../report/b.ts', 'cli-acts-through-the-library'],
    ['orchestrator/planning/a.ts', '../engine/state/b.ts', 'planning-room'],
    ['orchestrator/planning/plan/a.ts', '../../cluster/jobs/b.ts', 'planning-room'],
    ['orchestrator/engine/local/a.ts', '../../cluster/b.ts', 'engine-room'],
    ['orchestrator/engine/a.ts', '../kube/b.ts', 'engine-room'],
    ['orchestrator/cluster/a.ts', '../kube/b.ts', 'cluster-room'],
    ['orchestrator/kube/a.ts', '../engine/store/b.ts', 'kube-room'],
    ['orchestrator/kube/a.ts', '../config.ts', 'rooms-load-nothing-of-main'],
    ['orchestrator/engine/state/a.ts', '../store/b.ts', 'pure-parts-load-no-shell'],
    ['orchestrator/cluster/decide/a.ts', '../controller.ts', 'pure-parts-load-no-shell'],
    ['orchestrator/cluster/jobs/a.ts', '../../../protocol/store/open-store.ts', 'pure-parts-load-no-shell'],
    ['orchestrator/engine/a.ts', '../testing/b.ts', 'test-support-stays-in-tests'],
    ['protocol/store/a.ts', '../testing/b.ts', 'test-support-stays-in-tests'],
    ['report/render/a.ts', '../testing/b.ts', 'test-support-stays-in-tests'],
    ['ncsweep/dash/page/a.ts', '../server/b.ts', 'page-runs-in-a-browser'],
    ['ncsweep/dash/state/a.ts', '../server/b.ts', 'pure-parts-load-no-shell'],
    ['cli/a.ts', '@kubernetes/client-node', 'client-node-home'],
    ['worker/a.ts', '@nats-io/jetstream', 'nats-home'],
    ['orchestrator/a.ts', '@aws-sdk/client-s3', 'aws-home'],
    ['worker/train/a.ts', '@tensorflow/tfjs-node', 'native-tensorflow-home'],
  ] as const;
  it('refuse what a layer, a room or an SDK does not allow', () => {
    for (const [i, [from, to]] of forbidden.entries()) {
      write(own(from, i), `import '${own(to, i)}';\n`);
      if (to.startsWith('.')) write(own(join(dirname(from), to), i), 'export {};\n');
    }
    const rules = broken();
    for (const [i, [from, to, rule]] of forbidden.entries()) {
      // The tree has no package.json that would declare an SDK.
      const rulesOf = [...(rules.get(own(from, i)) ?? [])].filter((name) => to.startsWith('.') || name !== 'declared');
      expect(rulesOf, `${from} may not import ${to}`).toEqual([rule]);
    }
  });

  const pure = [
    'catalog',
    'report/aggregate',
    'ncsweep/dash/state',
    ...['planning/spec', 'engine/state', 'cluster/decide', 'cluster/jobs'].map((room) => `orchestrator/${room}`),
  ];
  it('refuse that a pure part reads a file', () => {
    for (const folder of pure) write(`${folder}/a.ts`, `import 'node:fs';\n`);
    const rules = broken();
    for (const folder of pure) expect([...(rules.get(`${folder}/a.ts`) ?? [])], folder).toEqual(['pure-parts-do-no-io']);
  });

  it('the metrics need nothing, not even Node', () => {
    write('collapse/a.ts', `import 'node:fs';\n`);
    expect(brokenRules()).toEqual(['collapse-is-pure']);
  });

  it('a package imports what its own package.json names', () => {
    write('cli/package.json', '{"name": "a", "dependencies": {"yargs": "*"}}');
    write('cli/a.ts', `import 'yargs';\n`);
    expect(brokenRules()).toEqual([]);
    write('cli/b.ts', `import 'yaml';\n`);
    expect(brokenRules()).toEqual(['declared']);
  });

  it('what is imported exists', () => {
    write('protocol/a.ts', `import './gone.ts';\n`);
    expect([...(broken('').get('protocol/a.ts') ?? [])]).toEqual(['resolvable']);
  });

  it('cycles are refused', () => {
    write('protocol/a.ts', `import './b.ts';\n`);
    write('protocol/b.ts', `import './a.ts';\n`);
    expect(brokenRules()).toEqual(['no-cycles']);
  });

  it('what the layers allow passes', () => {
    write(
      'cli/a.ts',
      `import '../ncsweep/a.ts';\nimport '../orchestrator/planning/b.ts';\nimport type { d } from '../collapse/d.ts';\n`,
    );
    write('ncsweep/a.ts', `import '../orchestrator/kube/b.ts';\nimport '../collapse/d.ts';\nimport '../report/e.ts';\n`);
    write('report/e.ts', 'export {};\n');
    write('orchestrator/kube/b.ts', `import '../cluster/decide/b.ts';\nimport 'node:fs';\n`);
    write('orchestrator/cluster/decide/b.ts', `import type { b } from '../../engine/b.ts';\nexport type c = typeof b;\n`);
    write('orchestrator/engine/b.ts', `import '../planning/b.ts';\nexport const b = 1;\n`);
    write('orchestrator/planning/b.ts', `import '../../catalog/c.ts';\n`);
    write('catalog/c.ts', `import '../protocol/c.ts';\n`);
    write('protocol/c.ts', 'export {};\n');
    write('collapse/d.ts', 'export const d = 1;\n');
    expect(brokenRules()).toEqual([]);
  });
});
