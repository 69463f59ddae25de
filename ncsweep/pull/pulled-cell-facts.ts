/** What cell.json records about a pulled evaluation besides its files. Pure. */
import type { Stored } from '@ncsweep/orchestrator/engine/store/stored-json';
import { cellNames } from '@ncsweep/orchestrator/planning/plan/cell-names';
import type { Comparison } from '@ncsweep/orchestrator/engine/verify/compare-results';
import type { EvaluateCell } from '@ncsweep/catalog/cell';
import type { CellResult } from '@ncsweep/protocol/result';
import { snapshotOf } from './array-selection.ts';
import type { FoundSweep } from '../find-sweep.ts';

/** @param check of the arrays against the stored result, which they passed */
export function cellFacts({ plan, store }: FoundSweep, cell: EvaluateCell, stored: Stored<CellResult>, check: Comparison) {
  const { cellId, inputs, params } = cell;
  const { attack, epsilon, split } = params;
  const { dataset, architecture, recipe, seed, epoch } = snapshotOf(plan, cell);
  const [snapshot, clean] = inputs;
  const names = Object.entries(cellNames(plan)(cell)).map(([axis, values]) => [axis, values[0] ?? '']);
  const { verdict, compared, unlike, differing } = check;
  return {
    v: 1 as const,
    cellId,
    resultSha256: stored.sha256,
    sweep: plan.sweep.name,
    store: store.location,
    at: Object.fromEntries(names) as Readonly<Record<string, string>>,
    dataset,
    architecture,
    training: recipe,
    seed,
    epoch,
    attack,
    epsilon,
    split,
    ...(attack.kind !== 'none' && { attackTiming: 'fresh' as const }),
    inputs: { snapshot, ...(clean !== undefined && { clean }) },
    numerics: stored.value.numerics,
    /** Numbers measured from these arrays, compared with the stored ones. */
    check: { verdict, compared, differing: differing.length, unlike, ...(differing[0] && { worst: differing[0] }) },
  };
}
