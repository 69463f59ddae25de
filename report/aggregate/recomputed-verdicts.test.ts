import { readFileSync } from 'node:fs';
import process from 'node:process';
import { expect, it } from 'vitest';
import { randomTableCount, randomTables } from '../fixtures/random-tables.ts';
import { judgeSweep } from './verdict.ts';

/** From fixtures/recompute_verdicts.py, which shares no code with the judge. */
const recomputed = JSON.parse(
  readFileSync(new URL('../fixtures/recomputed-verdicts.json', import.meta.url), 'utf8'),
) as readonly (readonly string[])[];

/** One part of the tables a day: within this many days every table is judged. */
const days = 4;
const today = Math.floor(Date.now() / 86_400_000);
/** To judge again what failed on another day. */
const day = Number(process.env['NCSWEEP_TEST_DAY'] ?? today) % days;
const tables = Array.from({ length: randomTableCount / days }, (_, i) => day + days * i);

it(
  `gives the verdicts that an independent program reaches on random tables (NCSWEEP_TEST_DAY=${day})`,
  { timeout: 120_000 },
  () => {
    for (const table of tables) {
      const outcomes = judgeSweep(randomTables(table)).sets[0]?.strata[0]?.verdicts.map(({ outcome }) => outcome);
      expect(outcomes, `table ${table}`).toEqual(recomputed[table]);
    }
  },
);
