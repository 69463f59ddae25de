import { exampleSweep } from '@ncsweep/catalog/testing/example-sweep';
import { describe, expect, it } from 'vitest';
import { judgeSweep } from '../aggregate/verdict.ts';
import { syntheticTables } from '../testing/synthetic-tables.ts';
import { renderReport } from './render-report.ts';

const [first] = exampleSweep.grids;
const textOf = (attacks: (typeof first & object)['attacks'], file: string): string => {
  const grids = [{ ...first!, attacks, poolings: ['flatten' as const], splits: ['train' as const] }];
  const tables = syntheticTables({ ...exampleSweep, grids });
  return String(renderReport(tables, judgeSweep(tables)).get(file));
};
const aboutAttacks = /is not measured|under any attack|Controls that were not run/;

describe.each(['index.html', 'report.md'])('%s of a sweep that attacks nothing', (file) => {
  it('says so in one line, in place of checks that were not run', () => {
    const text = textOf([], file);
    expect(text.split('This sweep attacks nothing')).toHaveLength(2);
    expect(text).not.toMatch(aboutAttacks);
  });

  it('is not that of a sweep with attacks', () => {
    const text = textOf(first!.attacks, file);
    expect(text).not.toContain('This sweep attacks nothing');
    expect(text).toMatch(aboutAttacks);
  });
});
