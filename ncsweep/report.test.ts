import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { exampleSweep } from '@ncsweep/catalog/testing/example-sweep';
import { folderContents } from '@ncsweep/protocol/testing/folder-contents';
import { judgeSweep } from '@ncsweep/report/aggregate/verdict';
import { syntheticTables } from '@ncsweep/report/testing/synthetic-tables';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { verdictLines, writeReport } from './report.ts';

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'ncsweep-report-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

it('writes equal files for equal reports, twice over the same folder', async () => {
  const tables = syntheticTables(exampleSweep);
  const report = { tables, verdicts: judgeSweep(tables) };
  const indexPath = await writeReport(report, path.join(dir, 'a'));
  await writeReport(report, path.join(dir, 'b'));
  await writeReport(report, path.join(dir, 'b'));
  const [a, b] = [await folderContents(path.join(dir, 'a')), await folderContents(path.join(dir, 'b'))];
  expect([...a.keys()]).toEqual(
    expect.arrayContaining(['index.html', 'results.csv', 'results.parquet', 'tables/accuracy-train.tex']),
  );
  expect(b).toEqual(a);
  expect(indexPath).toBe(path.join(dir, 'a', 'index.html'));
  expect(verdictLines(report)).toHaveLength(4);
});
