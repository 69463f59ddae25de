/**
 * Which tasks can run now. Pure: the same plan and state give the same tasks in the same order. The grouping of cells depends on
 * the plan alone, so that a task keeps its id while others come and go.
 */
import { digestOf } from '@ncsweep/protocol/canonical';
import type { EvaluateCell, SnapshotCell } from '@ncsweep/catalog/cell';
import { versionsOfTask } from '@ncsweep/catalog/known-task';
import type { Task, TaskCell } from '@ncsweep/protocol/messages';
import type { Lineage } from '@ncsweep/catalog/params';
import { evaluationUnits, trainingUnits } from './cost.ts';
import type { EvaluationGroup, TrainingGroup } from './groups.ts';
import type { RunnablePlan } from './plan.ts';
import { blockedCells, type PlanState } from './state.ts';
import { sweepUid } from './sweep-uid.ts';

export interface Candidate {
  readonly class: Task['class'];
  readonly lineage: Lineage;
  readonly startFrom?: SnapshotCell;
  readonly cells: readonly (SnapshotCell | EvaluateCell)[];
  /** Lower runs first: trainings, then clean evaluations (others wait for their class means), then the rest. */
  readonly rank: 0 | 1 | 2;
  readonly units: number;
}

/** Missing snapshots between two committed ones form one task, which starts from the earlier one. */
function trainingCandidates({ lineage, cells }: TrainingGroup, canRun: (id: string) => boolean, state: PlanState): Candidate[] {
  const segments: { startFrom?: SnapshotCell; cells: SnapshotCell[] }[] = [{ cells: [] }];
  for (const cell of cells)
    if (state.done.has(cell.cellId)) segments.push({ startFrom: cell, cells: [] });
    else segments.at(-1)!.cells.push(cell);
  return segments
    .filter((segment) => !segment.cells.some(({ cellId }) => state.queued.has(cellId)))
    .map((segment) => ({ ...segment, cells: segment.cells.filter(({ cellId }) => canRun(cellId)) }))
    .filter((segment) => segment.cells.length > 0)
    .map((segment) => ({
      class: 'train',
      lineage,
      rank: 0,
      ...segment,
      units: trainingUnits(lineage, segment.startFrom?.params.epoch ?? 0, segment.cells.at(-1)!.params.epoch),
    }));
}

/** What can run in one group. It depends only on the state of the group's own cells and of their inputs. */
export function groupCandidates(group: TrainingGroup | EvaluationGroup, state: PlanState): Candidate[] {
  const isOpen = (id: string): boolean => !state.done.has(id) && !state.parked.has(id) && !state.queued.has(id);
  if (!('snapshot' in group)) {
    const blocked = blockedCells({ trainings: [group], evaluations: [] }, state);
    return trainingCandidates(group, (id) => isOpen(id) && !blocked.has(id), state);
  }
  const { lineage } = group;
  const cells = group.cells.filter(({ cellId, inputs }) => isOpen(cellId) && inputs.every((input) => state.done.has(input)));
  if (cells.length === 0) return [];
  const units = cells.reduce((sum, cell) => sum + evaluationUnits(lineage, cell), 0);
  return [{ class: 'evaluate', lineage, cells, rank: cells[0]!.params.attack.kind === 'none' ? 1 : 2, units }];
}

/** Longest trainings first, then clean evaluations, then the rest by cost. */
export const candidateOrder = (a: Candidate, b: Candidate): number => a.rank - b.rank || b.units - a.units;

function taskCell(cell: SnapshotCell | EvaluateCell): TaskCell {
  const { cellId } = cell;
  if (cell.kind === 'snapshot') return { kind: 'snapshot', cellId, epoch: cell.params.epoch };
  return { kind: 'evaluate', cellId, params: cell.params, inputs: [...cell.inputs] };
}

export function taskOf(plan: RunnablePlan, { class: resourceClass, lineage, startFrom, cells }: Candidate): Task {
  const { attemptDeadlineMs: deadlineMs, checkpointEveryMs } = plan.sweep.execution;
  const cellIds = cells.map(({ cellId }) => cellId).sort();
  return {
    v: 1,
    kind: 'task',
    taskId: digestOf({ class: resourceClass, cells: cellIds }),
    sweep: sweepUid(plan.sweep.name),
    class: resourceClass,
    lineage,
    cells: cells.map(taskCell),
    deadlineMs,
    checkpointEveryMs,
    ...(startFrom === undefined ? {} : { startFrom: { cellId: startFrom.cellId, epoch: startFrom.params.epoch } }),
    numerics: { backend: plan.backend, batchSize: plan.batchSize },
    scienceVersions: versionsOfTask({ lineage, cells }),
    sources: { ...plan.sweep.sources },
  };
}

/**
 * Tasks of missing cells whose inputs are committed: longest trainings first, then clean evaluations, then the rest by cost.
 * @param limit maximum number of tasks, taken from the start of that order
 */
export function readyTasks(plan: RunnablePlan, state: PlanState, limit = Infinity): Task[] {
  const groups = [...plan.trainings, ...plan.evaluations];
  const ordered = groups.flatMap((group) => groupCandidates(group, state)).sort(candidateOrder);
  return ordered.slice(0, limit).map((candidate) => taskOf(plan, candidate));
}
