import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { allIds, goldenText, linfIds } from './ids.ts';

const golden = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8');

describe('cell ids', () => {
  it('of every grid are those of always; a sweep may gain grids', () => {
    const known = JSON.parse(golden('linf-ids.json')) as ReturnType<typeof linfIds>;
    expect(linfIds()).toMatchObject(known);
  });

  it('of each sweep are those recorded; else run `node test/golden/record-ids.ts` where that was meant', () => {
    expect(goldenText(allIds())).toBe(golden('all-ids.json'));
  });
});
