import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { brokenLinks } from './broken-links.ts';
import { brokenReferences } from './broken-references.ts';
import { readTree, withFiles } from './tree.ts';

const tree = readTree(fileURLToPath(new URL('../../', import.meta.url)));

describe('this repository', () => {
  it('has no link that leads nowhere', () => expect(brokenLinks(tree)).toEqual([]));

  it('names no file, section or decision that is not there', () => expect(brokenReferences(tree)).toEqual([]));

  it('tells nobody to run a command by npx, which would run a package of strangers outside of a checkout', () => {
    const told = [...tree.paths].filter((path) => !path.endsWith('package-lock.json') && /npx ncsweep \w/.test(tree.read(path)));
    expect(told).toEqual([]);
  });

  it('uses the number of a decision once', () => {
    const numbers = [...tree.paths].flatMap((path) => /^docs\/adr\/(\d{4})-/.exec(path)?.[1] ?? []);
    expect(numbers.length).toBeGreaterThan(10);
    expect(new Set(numbers).size).toBe(numbers.length);
  });
});

describe('a link', () => {
  const planted = (markdown: string): string[] =>
    brokenLinks(withFiles(tree, { 'docs/planted.md': markdown })).filter((each) => each.startsWith('docs/planted.md:'));

  it.each([
    ['to a file', 'See [there](gone.md).', 'link gone.md: no such file'],
    ['to a file whose text is code', 'See [`there`](gone.md).', 'link gone.md: no such file'],
    ['to a file above', '[there](../README.MD)', 'link ../README.MD: no such file'],
    ['to a folder', '[there](adr/gone/)', 'link adr/gone/: no such file'],
    ['out of the repository', '[there](../../README.md)', 'link ../../README.md: no such file'],
    ['from the root', '[there](/README.md)', 'link /README.md: no such file'],
    ['of an image', '![picture](gone.png)', 'link gone.png: no such file'],
    ['by a label', '[there][x]\n\n[x]: gone.md', 'link gone.md: no such file'],
    ['in HTML', '<img src="gone.svg">', 'link gone.svg: no such file'],
    ['to a heading here', '# One\n\n[there](#two)', 'link #two: docs/planted.md has no such heading'],
    ['to a heading elsewhere', '[there](spec.md#gone)', 'link spec.md#gone: docs/spec.md has no such heading'],
    ['to a heading that is code', '```\n# Two\n```\n\n[there](#two)', 'link #two: docs/planted.md has no such heading'],
  ])('%s is found broken', (_, markdown, problem) => {
    const line = markdown.split('\n').findLastIndex((each) => each.includes('gone') || each.includes('(')) + 1;
    expect(planted(markdown)).toEqual([`docs/planted.md:${line}: ${problem}`]);
  });

  it.each([
    ['to a file', '[there](spec.md) ![picture](report.png "A report")'],
    ['to folders', '[there](adr/) [there](..)'],
    ['to headings', '## The `size` of [it](spec.md), *twice*\n## Twice\n## Twice\n[a](#the-size-of-it-twice) [b](#twice-1)'],
    ['to another site', '[there](https://example.org/gone.md#gone)'],
    ['in code', 'Write `[there](gone.md)`:\n```\n[there](gone.md)\n```'],
  ])('%s holds', (_, markdown) => expect(planted(markdown)).toEqual([]));
});

describe('a reference', () => {
  const planted = (path: string, text: string): string[] =>
    brokenReferences(withFiles(tree, { [path]: text })).filter((each) => each.startsWith(`${path}:`));

  it.each([
    [
      'to a document, in a comment',
      'worker/planted.ts',
      '/** The commit (GONE.md "Commit"). */',
      'GONE.md: no such file or folder',
    ],
    ['to a document, by its path', 'worker/planted.ts', '// see docs/gone.md', 'docs/gone.md: no such file or folder'],
    ['to a source, in a comment', 'worker/planted.ts', '/**\n * As gone.ts does.\n */', 'gone.ts: no such file or folder'],
    ['to a source beside', 'worker/planted.ts', 'f(); // as train/gone.ts', 'train/gone.ts: no such file or folder'],
    ['to a source, in a document', 'docs/planted.md', 'In `worker/gone.ts`.', 'worker/gone.ts: no such file or folder'],
    ['to a folder', 'docs/planted.md', 'In `worker/gone/`.', 'worker/gone: no such file or folder'],
    [
      'in a block of code',
      'docs/planted.md',
      '```\nbin/ncsweep run sweeps/gone.yaml\n```',
      'sweeps/gone.yaml: no such file or folder',
    ],
    ['to files that no file fits', 'docs/planted.md', 'In bench/<name>/gone.ts.', 'bench/<name>/gone.ts: no such file or folder'],
    ['in a workflow', '.github/planted.yml', '# As scripts/gone.sh does.', 'scripts/gone.sh: no such file or folder'],
    ['to a section', 'worker/planted.ts', '/** docs/contracts.md "Keys", "Gone" */', 'docs/contracts.md has no section "Gone"'],
    ['to a decision', 'docs/planted.md', 'As ADR 999 says.', 'there is no ADR 999'],
  ])('%s is found broken', (_, path, text, problem) => {
    const line = text.split('\n').findIndex((each) => /gone|999/i.test(each)) + 1;
    expect(planted(path, text)).toEqual([`${path}:${line}: ${problem}`]);
  });

  it.each([
    ['from the root', 'worker/planted.ts', '/** As orchestrator/planning/plan/plan.ts, docs/spec.md and worker/backend/ do. */'],
    ['from its own folder', 'orchestrator/engine/planted.ts', '// queue/sweep-engine.ts and store/roots.ts'],
    ['to some of many', 'docs/planted.md', '`sweeps/*.yaml`, `bench/<name>/run.ts`, `bench/{growth,kernels}/run.ts`'],
    ['to sections', 'worker/planted.ts', '/** docs/contracts.md "Keys" and "Truth" */'],
    ['to decisions', 'docs/planted.md', 'ADR 1, docs/adr/0001'],
    ['that is code', 'worker/planted.ts', "import './gone.ts';\nconst path = 'docs/gone.md';"],
    [
      'of another kind',
      'docs/planted.md',
      '`v1/gone.json`, `out/gone/index.html`, https://example.org/docs/gone.md, `@ncsweep/worker/gone`',
    ],
    ['of a history', 'CHANGELOG.md', '`worker/gone.ts`'],
  ])('%s holds', (_, path, text) => expect(planted(path, text)).toEqual([]));
});
