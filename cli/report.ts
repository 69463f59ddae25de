/** Writes the report of a sweep's tables. */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import type { SweepTables } from '@ncsweep/protocol/tables';
import { judgeSweep } from '@ncsweep/report/aggregate/verdict';
import { verdictLines } from '@ncsweep/report/aggregate/verdict-lines';
import { renderReport } from '@ncsweep/report/render/render-report';

export interface WrittenReport {
  /** The page to open. */
  readonly indexPath: string;
  /** One line a claim, for the terminal. */
  readonly verdicts: readonly string[];
}

/** Writes aside and moves, so that a reader never sees half a file. */
async function writeAtomically(file: string, content: string | Uint8Array): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const aside = `${file}.${process.pid}.tmp`;
  await writeFile(aside, content);
  await rename(aside, file);
}

/** Judges and renders the tables into `outDir`; equal tables give equal files. */
export async function writeReport(tables: SweepTables, outDir: string): Promise<WrittenReport> {
  const verdicts = judgeSweep(tables);
  for (const [name, content] of renderReport(tables, verdicts)) await writeAtomically(path.join(outDir, name), content);
  return { indexPath: path.join(outDir, 'index.html'), verdicts: verdictLines(verdicts) };
}
