import { fileURLToPath } from 'node:url';
import { withReference } from '@ncsweep/catalog/language/reference';
import { describe, expect, it } from 'vitest';
import { arrowsOf, drawHouse, floorsOf, isSource } from '../../scripts/house.ts';
import { readTree } from './tree.ts';

const tree = readTree(fileURLToPath(new URL('../../', import.meta.url)));
const sources = new Map([...tree.paths].filter(isSource).map((path) => [path, tree.read(path)]));

describe('the drawing of the rooms', () => {
  it('is the one in docs/architecture.md; else run `node scripts/write-schema.ts`', () => {
    const document = tree.read('docs/architecture.md');
    expect(withReference(document, 'house', drawHouse(arrowsOf(sources)))).toBe(document);
  });

  it('has an arrow for each import, call of import and program that is started, and none for tests', () => {
    const files = new Map([
      ['cli/a.ts', "import type { A } from 'ncsweep';\nexport {\n  b,\n} from '../report/b.ts';\n"],
      ['worker/c.ts', "await import('@ncsweep/protocol/d');\n"],
      ['ncsweep/e.ts', "import.meta.resolve('@ncsweep/worker/main');\n"],
    ]);
    expect(arrowsOf(files)).toEqual([
      { from: 'cli', to: 'ncsweep', reason: 'names' },
      { from: 'cli', to: 'report', reason: 'loads' },
      { from: 'worker', to: 'protocol', reason: 'loads' },
      { from: 'ncsweep', to: 'worker', reason: 'starts' },
    ]);
    expect(['worker/a.test.ts', 'worker/testing/a.ts', 'test/a.ts'].filter(isSource)).toEqual([]);
  });

  it('leaves out arrows that longer ways imply', () => {
    const files = new Map([
      ['cli/a.ts', "import '../ncsweep/b.ts';\nimport { c } from '@ncsweep/catalog/c';\nimport { b } from 'ncsweep';\n"],
      ['ncsweep/b.ts', "import { c } from '@ncsweep/catalog/c';\n"],
    ]);
    expect(drawHouse(arrowsOf(files)).split('\n').slice(2, -1)).toEqual(['  cli --> ncsweep', '  ncsweep --> catalog']);
  });

  it('cannot be made once an arrow leads back up', () => {
    expect(floorsOf(arrowsOf(sources)).at(-1)).toContain('protocol');
    const back = new Map([...sources, ['protocol/back.ts', "import { runSweep } from 'ncsweep';\n"]]);
    expect(() => floorsOf(arrowsOf(back))).toThrow(/in a circle through .*protocol/);
  });
});
