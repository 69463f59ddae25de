/** What differs between two sweeps, wherever they ran. */
import { ingest } from '@ncsweep/orchestrator/engine/ingest/ingest';
import type { SweepTables } from '@ncsweep/catalog/sweep-tables';
import { diffSweeps as diffTables, type SweepDiff } from '@ncsweep/report/aggregate/sweep-diff';
import { findSweep, type FindOptions, type FoundSweep, type SweepReference } from './find-sweep.ts';

const tablesOf = ({ plan, store }: FoundSweep, signal: AbortSignal | undefined): Promise<SweepTables> =>
  ingest(plan.sweep, plan, store, signal && { signal });

/**
 * Compares two sweeps: their specs, their cells, what computed them, and the numbers of the trials that they share. Executes nothing.
 * @param options for both sweeps, unless they were found already
 * @throws as `readReport`
 * @example
 * ```ts
 * import { diffSweeps, findSweep } from 'ncsweep';
 *
 * const { spec, metrics } = await diffSweeps('tiny', await findSweep('tiny', { store: '.ncsweep/store' }));
 * console.log(spec.length, 'fields and', metrics.filter(({ differing }) => differing > 0).length, 'metrics differ');
 * ```
 */
export async function diffSweeps(a: SweepReference, b: SweepReference, options: FindOptions = {}): Promise<SweepDiff> {
  const { signal } = options;
  const [foundA, foundB] = [await findSweep(a, options), await findSweep(b, options)];
  return diffTables(await tablesOf(foundA, signal), await tablesOf(foundB, signal), {
    a: foundA.scienceVersions,
    b: foundB.scienceVersions,
  });
}
