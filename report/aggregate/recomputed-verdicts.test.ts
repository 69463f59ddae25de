import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { randomTableCount, randomTables } from '../fixtures/random-tables.ts';
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

it('gives the verdicts and bounds that an independent program reaches on random tables', { timeout: 300_000 }, () => {
  let compared = 0;
  for (let table = 0; table < randomTableCount; table += 1) {
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
  expect(compared).toBeGreaterThan(randomTableCount);
});
