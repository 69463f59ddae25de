/** The studies of this repository, as their sweep files are read on any machine. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { claimSetsOf } from '@ncsweep/catalog/claims/asked-sets';
import type { Point } from '@ncsweep/catalog/claims/points';
import type { Sweep } from '@ncsweep/catalog/sweep';
import { judgeSets, type ClaimVerdict } from '@ncsweep/report/aggregate/verdict';
import { syntheticTables } from '@ncsweep/report/testing/synthetic-tables';
import { loadSweep } from 'ncsweep';

const folder = new URL('../../studies/', import.meta.url);

export const studyNames = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

export const readmeOf = (name: string): string => readFileSync(new URL(`${name}/README.md`, folder), 'utf8');

const loaded = await Promise.all(
  studyNames.map(async (name) => [name, await loadSweep(fileURLToPath(new URL(`${name}/sweep.yaml`, folder)))] as const),
);
const sweeps = new Map(loaded);

/** With its plug-ins, whose code is read and never run. */
export function sweepOf(name: string): Sweep {
  const sweep = sweeps.get(name);
  if (sweep === undefined) throw new TypeError(`studies/ has no folder ${name}; it has ${studyNames.join(', ')}`);
  return sweep;
}

/** The verdicts of a sweep whose every trial has the numbers of its point. */
export function verdictsOf(sweep: Sweep, numbers: (point: Point) => Record<string, number>): readonly ClaimVerdict[] {
  const tables = syntheticTables(sweep, { change: (_, point) => numbers(point) });
  return judgeSets(tables, claimSetsOf(sweep)).sets.flatMap(({ strata }) => strata.flatMap(({ verdicts }) => verdicts));
}
