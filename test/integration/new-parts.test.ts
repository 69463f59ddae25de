import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { madeUpParts, madeUpSweep, type MadeUpPart } from '../harness/made-up-parts.ts';
import { runIn, scratchTree } from '../harness/scratch-tree.ts';

let tree = '';
const inTree = (file: string): string => path.join(tree, file);
const read = (file: string): Promise<string> => readFile(inTree(file), 'utf8');

/** A replacement that finds nothing to replace would test nothing. */
async function change(file: string, before: string, after: string): Promise<void> {
  const text = await read(file);
  expect(text, file).toContain(before);
  await writeFile(
    inTree(file),
    text.replace(before, () => after),
  );
}

async function add({ files, listings }: MadeUpPart): Promise<void> {
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(inTree(file)), { recursive: true });
    await writeFile(inTree(file), text, { flag: 'wx' });
  }
  for (const { file, imports, before, after } of listings) {
    await change(file, before, after);
    if (imports !== undefined) await change(file, 'import ', `${imports}\nimport `);
  }
}

const compile = () => runIn(tree, process.execPath, [inTree('node_modules/typescript/bin/tsc'), '--noEmit']);
const ncsweep = (...args: string[]) => runIn(tree, process.execPath, [inTree('cli/main.ts'), ...args]);

beforeAll(async () => {
  tree = await mkdtemp(path.join(tmpdir(), 'ncsweep-parts-'));
  await scratchTree(tree);
});
afterAll(() => rm(tree, { recursive: true, force: true }));

/** The files that CONTRIBUTING names, by kind of part. */
async function namedFiles(): Promise<ReadonlyMap<string, readonly string[]>> {
  const [, table = ''] = (await read('CONTRIBUTING.md')).split('## Adding a part');
  const rows = table.split('\n').filter((line) => line.startsWith('| ') && line.includes('catalog/'));
  return new Map(
    rows.map((row) => {
      const [, kind = '', ...cells] = row.split('|').map((text) => text.trim());
      return [kind, [...cells.join(' ').matchAll(/`([^`]+)`/g)].map(([, file = '']) => file)];
    }),
  );
}

describe('a made-up architecture, dataset, attack, loss, family of metrics, claim set and backend', () => {
  it('are added by the files that CONTRIBUTING names, and compile', { timeout: 600_000 }, async () => {
    const named = await namedFiles();
    const others = [...named.keys()].filter((kind) => !madeUpParts.some((part) => part.kind === kind));
    expect(others, 'kinds of parts without a made-up one').toEqual(['dataset in files of a known format']);
    for (const part of madeUpParts) {
      const changed = [...Object.keys(part.files), ...part.listings.map(({ file }) => file)];
      const expected = named.get(part.kind)?.map((file) => file.replace('<name>', part.name));
      expect(changed, part.kind).toEqual(expected);
      await add(part);
    }
    expect(await compile()).toEqual({ exitCode: 0, output: '' });
  });

  it('make up a sweep that runs to its report', { timeout: 600_000 }, async () => {
    await writeFile(inTree('made-up.yaml'), madeUpSweep);
    const { exitCode, output } = await ncsweep('run', 'made-up.yaml', '--store', inTree('store'), '--out', inTree('out'));
    expect(exitCode, output).toBe(0);
    expect(output).toMatch(/cells with javascript, 1 worker/);
    expect(output).toMatch(/stripes2026 1 brightness harms {2,}\w+/);
    const [header = '', ...rows] = (await read('out/results.csv')).trim().split('\n');
    const column = header.split(',').indexOf('mean_absolute_feature');
    const labels = new Set(rows.map((row) => row.split(',')[header.split(',').indexOf('labels')]));
    expect([...labels].sort()).toEqual(['attribute', 'given']);
    expect(rows.length).toBeGreaterThanOrEqual(12);
    for (const row of rows) expect(Number(row.split(',')[column])).toBeGreaterThan(0);
    const computedBy = [...(await read('out/provenance.json')).matchAll(/"backend": "([^"]+)"/g)].map(([, name]) => name);
    expect([...new Set(computedBy)]).toEqual(['javascript']);
    const page = await read('out/index.html');
    for (const text of [
      'shallow is <code>net</code>',
      'light is <code>dim</code>',
      'aria-label="Mean absolute feature: last layer"',
    ])
      expect(page).toContain(text);
  });

  it('have their places in the language and its documents', { timeout: 600_000 }, async () => {
    expect((await runIn(tree, process.execPath, ['scripts/write-schema.ts'])).exitCode).toBe(0);
    for (const file of ['docs/spec.md', 'sweeps/sweep.schema.json', 'charts/ncsweep/templates/crd.yaml'])
      for (const { kind, name } of madeUpParts.filter((part) => part.kind !== 'family of metrics'))
        if (kind !== 'claim set' || !file.startsWith('charts')) expect(await read(file), `${name} in ${file}`).toContain(name);
    await writeFile(inTree('wrong.yaml'), madeUpSweep.replace('name: perceptron, units: 4', 'name: mlp, units: 4'));
    expect((await ncsweep('validate', 'wrong.yaml')).output).toContain('units belongs to perceptron');
  });
});

describe('a part that lacks what computes or judges it', () => {
  /** The file that must no longer compile, and what is removed from it or declared beside it. */
  const gaps = [
    ['worker/train/losses.ts', 'worker/train/losses.ts', '  squares: squaresKernel,\n', ''],
    ['worker/attack/kernels.ts', 'worker/attack/kernels.ts', '  brightness: brightnessKernel,\n', ''],
    ['worker/data/generators.ts', 'worker/data/generators.ts', '  stripes: makeStripes,\n', ''],
    ['report/aggregate/control.ts', 'catalog/claims/claim.ts', "  | 'terminal'", "  | 'terminal'\n  | 'made-up'"],
    [
      'catalog/compute/evaluation-document.ts',
      'catalog/labels.ts',
      "define({ name: 'given'",
      "define({ name: 'made-up', summary: '', existsUnder: () => true }),\n  define({ name: 'given'",
    ],
    ['worker/backend/compute-programs.ts', 'catalog/backends.ts', 'byName([', "byName([{ ...wasm, name: 'made-up' } as const, "],
    ['catalog/attacks/brightness.ts', 'catalog/attacks/brightness.ts', '  gradients: () => 1,\n', ''],
    ['catalog/losses/squares.ts', 'catalog/losses/squares.ts', '  updatePasses: 1,\n', ''],
    ['catalog/metrics/feature-size.ts', 'catalog/metrics/feature-size.ts', '      tolerance: tolerances.size,\n', ''],
    ['catalog/claims/stripes2026.ts', 'catalog/claims/stripes2026.ts', '      controls: [],\n', ''],
  ] as const;

  it('does not compile', { timeout: 600_000 }, async () => {
    for (const [, file, before, after] of gaps) await change(file, before, after);
    const { exitCode, output } = await compile();
    expect(exitCode).not.toBe(0);
    for (const [broken] of gaps) expect(output).toContain(`${broken}(`);
  });
});
