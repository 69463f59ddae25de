/** The studies of this repository, as their sweep files are read on any machine. */
import { readdirSync, readFileSync } from 'node:fs';
import { claimSetsOf } from '@ncsweep/catalog/claims/asked-sets';
import type { Point } from '@ncsweep/catalog/claims/points';
import type { Sweep } from '@ncsweep/catalog/sweep';
import { readSweep } from '@ncsweep/orchestrator/planning/spec/read-sweep';
import { judgeSets, type ClaimVerdict } from '@ncsweep/report/aggregate/verdict';
import { syntheticTables } from '@ncsweep/report/testing/synthetic-tables';

const folder = new URL('../../studies/', import.meta.url);

export const studyNames = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

export const readmeOf = (name: string): string => readFileSync(new URL(`${name}/README.md`, folder), 'utf8');

export function sweepOf(name: string): Sweep {
  const file = `${name}/sweep.yaml`;
  return readSweep({ bytes: readFileSync(new URL(file, folder)), file, set: [] }).sweep;
}

/** The verdicts of a sweep whose every trial has the numbers of its point. */
export function verdictsOf(sweep: Sweep, numbers: (point: Point) => Record<string, number>): readonly ClaimVerdict[] {
  const tables = syntheticTables(sweep, { change: (_, point) => numbers(point) });
  return judgeSets(tables, claimSetsOf(sweep)).sets.flatMap(({ strata }) => strata.flatMap(({ verdicts }) => verdicts));
}
