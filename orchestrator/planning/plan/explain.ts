/** Explains why each cell that is not done will run, or will not. */
import { evaluateVersions, newestVersions, snapshotVersions, type Cell, type CellVersions } from '@ncsweep/catalog/cell';
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

/** The versions that determine a cell: its own, and those of the snapshot that it evaluates. */
function versionsOf(plan: Plan, cell: Cell): CellVersions {
  if (cell.kind === 'snapshot') return snapshotVersions(cell.params);
  const own = evaluateVersions(cell.params.attack);
  const snapshot = plan.cells.get(cell.inputs[0]!);
  if (snapshot?.kind !== 'snapshot') return own;
  const trained = snapshotVersions(snapshot.params);
  return { ...trained, ...own, attack: Math.max(trained['attack'] ?? 1, own['attack'] ?? 1) };
}

/** Catalog parts are recorded only from their second version on. */
const firstOf = (name: string): number | undefined => (name.includes(':') ? 1 : undefined);

function whyNew(plan: Plan, cell: Cell, previous: PreviousPlan): Reason {
  const newest = newestVersions();
  const changed = Object.entries(versionsOf(plan, cell)).flatMap(([name, version]) => {
    const before = previous.scienceVersions[name] ?? firstOf(name);
    // The earlier program had this version if its newest was no older than it, and no newer than this program's newest.
    const known = before !== undefined && before >= version && before <= (newest[name] ?? version);
    return known ? [] : [`${name} ${before ?? '?'} → ${version}`];
  });
  if (changed.length > 0) return { reason: 'science version changed', detail: changed.join(', ') };
  const batch = cell.kind === 'evaluate' && previous.batchSize !== plan.batchSize;
  if (previous.backend !== plan.backend || batch)
    return {
      reason: 'backend or batch changed',
      detail: `${previous.backend}, batch ${previous.batchSize} → ${plan.backend}, batch ${plan.batchSize}`,
    };
  return { reason: 'asked newly', detail: 'the latest run of this sweep did not request it' };
}

/** @param previous undefined if the sweep was never run with this store */
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
      detail: previous === undefined ? 'this sweep was never run with this store' : 'requested before, not finished',
    };
  };
  const label = cellLabels(plan);
  const missing = [...plan.cells.values()].filter(({ cellId }) => !state.done.has(cellId));
  return missing.map((cell) => ({ cellId: cell.cellId, kind: cell.kind, label: label(cell), ...why(cell) }));
}
