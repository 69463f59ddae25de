/** Why each cell that is not done will run, or will not. */
import { scienceVersions } from '@ncsweep/catalog/science-versions';
import type { Cell } from '@ncsweep/catalog/cell';
import { cellLabels } from './cell-label.ts';
import type { Plan } from './plan.ts';
import { blockedCells, type PlanState } from './state.ts';

/** What the sweep's latest run planned. */
export interface PreviousPlan {
  readonly cells: ReadonlySet<string>;
  readonly backend: string;
  readonly batchSize: number;
  readonly scienceVersions: Readonly<Record<string, number>>;
}

export interface Explanation {
  readonly cellId: string;
  readonly kind: Cell['kind'];
  readonly label: string;
  readonly reason:
    | 'parked'
    | 'blocked'
    | 'input changed'
    | 'science version changed'
    | 'backend or batch changed'
    | 'asked newly'
    | 'not in store';
  readonly detail: string;
}

type Reason = Pick<Explanation, 'reason' | 'detail'>;

/** Versions that enter the ids of a kind of cell. */
const versionsOf: Readonly<Record<Cell['kind'], readonly (keyof typeof scienceVersions)[]>> = {
  snapshot: ['data', 'train'],
  evaluate: ['data', 'train', 'attack', 'metrics'],
};

function whyNew(plan: Plan, { kind }: Cell, previous: PreviousPlan): Reason {
  const changed = versionsOf[kind].filter((name) => previous.scienceVersions[name] !== scienceVersions[name]);
  const versions = changed.map((name) => `${name} ${previous.scienceVersions[name] ?? '?'} → ${scienceVersions[name]}`);
  if (versions.length > 0) return { reason: 'science version changed', detail: versions.join(', ') };
  const batch = kind === 'evaluate' && previous.batchSize !== plan.batchSize;
  if (previous.backend !== plan.backend || batch)
    return {
      reason: 'backend or batch changed',
      detail: `${previous.backend}, batch ${previous.batchSize} → ${plan.backend}, batch ${plan.batchSize}`,
    };
  return { reason: 'asked newly', detail: 'the latest run of this sweep did not ask for it' };
}

/** @param previous undefined when the sweep was never run with this store */
export function explain(
  plan: Plan,
  state: PlanState & { readonly stale: ReadonlySet<string> },
  previous: PreviousPlan | undefined,
): Explanation[] {
  const blocked = blockedCells(plan, state);
  const why = (cell: Cell): Reason => {
    const { cellId } = cell;
    const parked = state.parked.get(cellId);
    if (parked !== undefined) return { reason: 'parked', detail: `${parked}; --retry-failed runs it again` };
    const cause = blocked.get(cellId);
    if (cause !== undefined) return { reason: 'blocked', detail: `waits for ${cause.slice(0, 16)}, which is parked` };
    if (state.stale.has(cellId))
      return { reason: 'input changed', detail: 'its result was made from inputs that are no longer the current ones' };
    if (previous !== undefined && !previous.cells.has(cellId)) return whyNew(plan, cell, previous);
    return {
      reason: 'not in store',
      detail: previous === undefined ? 'this sweep was never run with this store' : 'wanted before, not finished',
    };
  };
  const label = cellLabels(plan);
  const missing = [...plan.cells.values()].filter(({ cellId }) => !state.done.has(cellId));
  return missing.map((cell) => ({ cellId: cell.cellId, kind: cell.kind, label: label(cell), ...why(cell) }));
}
