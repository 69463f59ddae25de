/** What `ncsweep plan` prints: the documented, stable JSON (docs/plan.md). */
import { controls } from '@ncsweep/catalog/claims/controls';
import { decidableClaims, type Decidable } from '@ncsweep/catalog/claims/decidable';
import type { Cell } from '@ncsweep/catalog/cell';
import { estimate, type Estimate, type Measured } from './estimate.ts';
import type { Plan } from './plan.ts';
import { plannedData, type PlannedData } from './planned-data.ts';
import { blockedCells, type PlanState } from './state.ts';

type ByKind = Readonly<Record<Cell['kind'], number>>;

export interface PlanSummary {
  readonly v: 1;
  readonly sweep: string;
  readonly planDigest: string;
  readonly grids: number;
  readonly data: readonly PlannedData[];
  readonly trials: number;
  /** Trials that another grid requests again; they run once. */
  readonly askedTwice: number;
  readonly cells: ByKind;
  /** Number of networks that are trained (or imported), regardless of their snapshots. */
  readonly trainings: number;
  /** Cells that the store already has. */
  readonly cached: number;
  readonly stored: ByKind;
  /** Cells that a run would compute. */
  readonly toRun: ByKind;
  readonly parked: number;
  readonly blocked: number;
  /** Trainings and attacks (or clean passes) if every trial ran in its own pod. */
  readonly podPerTrial: { readonly train: number; readonly evaluate: number };
  readonly estimate: Estimate;
  readonly claims: readonly Decidable[];
  readonly controls: { readonly present: readonly string[]; readonly absent: readonly string[] };
  readonly backend: string;
  readonly batchSize: number;
  readonly workers: number;
}

function countByKind(plan: Plan, wanted: (cellId: string) => boolean): ByKind {
  const count = { snapshot: 0, evaluate: 0 };
  for (const { cellId, kind } of plan.cells.values()) if (wanted(cellId)) count[kind] += 1;
  return count;
}

export function summarize(plan: Plan, state: PlanState & { readonly done: Measured }): PlanSummary {
  const { sweep, planDigest, trials, askedTwice, backend, batchSize } = plan;
  const blocked = blockedCells(plan, state);
  const runs = (id: string): boolean => !state.done.has(id) && !state.parked.has(id) && !blocked.has(id);
  const stored = countByKind(plan, (id) => state.done.has(id));
  return {
    v: 1,
    sweep: sweep.name,
    planDigest,
    grids: sweep.grids.length,
    trials,
    askedTwice,
    data: plannedData(sweep),
    cells: countByKind(plan, () => true),
    trainings: plan.trainings.length,
    cached: stored.snapshot + stored.evaluate,
    stored,
    toRun: countByKind(plan, runs),
    parked: state.parked.size,
    blocked: blocked.size,
    podPerTrial: { train: trials, evaluate: trials },
    estimate: estimate(plan, state.done, runs),
    claims: decidableClaims(sweep),
    controls: controls(sweep),
    backend,
    batchSize,
    workers: sweep.execution.parallelism,
  };
}
