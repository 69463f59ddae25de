import { readFileSync } from 'node:fs';
import process from 'node:process';
import { expect, it } from 'vitest';
import { randomTableCount, randomTables } from '../testing/random-tables.ts';
import { isShare } from './measure.ts';
import { judgeSweep, type ClaimVerdict } from './verdict.ts';

interface Recomputed {
  readonly outcomes: readonly string[];
  /** Bounds of the differences of shares, in the order of claims and contrasts. */
  readonly shares: readonly (readonly [number, number])[];
}

/** From fixtures/recompute_verdicts.py, which shares no code with the judge. */
const recomputed = JSON.parse(
  readFileSync(new URL('../fixtures/recomputed-verdicts.json', import.meta.url), 'utf8'),
) as readonly Recomputed[];

const shareBounds = (verdicts: readonly ClaimVerdict[]): readonly (readonly number[])[] =>
  verdicts
    .flatMap(({ contrasts }) => contrasts)
    .filter(({ contrast }) => isShare(contrast.left.metric) && contrast.reduction === 'value')
    .flatMap(({ interval }) => (interval?.bounds === undefined ? [] : [interval.bounds]));

/** One part of the tables a day: within this many days every table is judged. */
const days = 4;
const today = Math.floor(Date.now() / 86_400_000);
/** To judge again what failed on another day. */
const day = Number(process.env['NCSWEEP_TEST_DAY'] ?? today) % days;
const tables = Array.from({ length: randomTableCount / days }, (_, i) => day + days * i);

it(
  `gives the verdicts and bounds that an independent program reaches on random tables (NCSWEEP_TEST_DAY=${day})`,
  { timeout: 120_000 },
  () => {
    let compared = 0;
    for (const table of tables) {
      const verdicts = judgeSweep(randomTables(table)).sets[0]?.strata[0]?.verdicts ?? [];
      const { outcomes, shares } = recomputed[table]!;
      expect(
        verdicts.map(({ outcome }) => outcome),
        `table ${table}`,
      ).toEqual(outcomes);
      const bounds = shares.map((pair) => pair.map((bound) => expect.closeTo(bound, 7) as number));
      expect(shareBounds(verdicts), `table ${table}`).toEqual(bounds);
      compared += bounds.length;
    }
    expect(compared).toBeGreaterThan(tables.length);
  },
);
