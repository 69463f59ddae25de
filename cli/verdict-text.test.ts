import { judgeSweep } from '@ncsweep/report/aggregate/verdict';
import { syntheticTables } from '@ncsweep/report/testing/synthetic-tables';
import { exampleSweep } from '@ncsweep/catalog/testing/example-sweep';
import { verdictLines } from 'ncsweep/report';
import { expect, it } from 'vitest';
import { verdictText } from './verdict-text.ts';

const reportOf = (sweep: typeof exampleSweep) => {
  const tables = syntheticTables(sweep);
  return { tables, verdicts: judgeSweep(tables) };
};

it('of a sweep that decides claims is a line per claim', () => {
  const report = reportOf({ ...exampleSweep, seeds: [1, 2, 3] });
  expect(verdictText(report)).toEqual(verdictLines(report));
  expect(verdictText(report)).toHaveLength(4);
});

it('of a sweep about something else is one line, which says how to leave the claims out', () => {
  const [trainings, grids] = [exampleSweep.trainings.slice(0, 1), exampleSweep.grids.slice(-1)];
  expect(verdictText(reportOf({ ...exampleSweep, trainings, grids }))).toEqual([
    'Decides none of the 4 claims of su2023: the report says what they lack, "report: {claims: none}" leaves them out.',
  ]);
});
