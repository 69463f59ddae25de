import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { randomTableCount, randomTables } from '../fixtures/random-tables.ts';
import { judgeSweep } from './verdict.ts';

/** From fixtures/recompute_verdicts.py, which shares no code with the judge. */
const recomputed = JSON.parse(
  readFileSync(new URL('../fixtures/recomputed-verdicts.json', import.meta.url), 'utf8'),
) as readonly (readonly string[])[];

it('gives the verdicts that an independent program reaches on random tables', { timeout: 300_000 }, () => {
  for (let table = 0; table < randomTableCount; table += 1) {
    const outcomes = judgeSweep(randomTables(table)).sets[0]?.strata[0]?.verdicts.map(({ outcome }) => outcome);
    expect(outcomes, `table ${table}`).toEqual(recomputed[table]);
  }
});
