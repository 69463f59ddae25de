/** From a sweep to its content-addressed cells. Pure: the same sweep, backend and batch size give the same plan. */
import { digestOf, sha256 } from '@ncsweep/protocol/canonical';
import { InvalidInputError } from '@ncsweep/protocol/errors';
import { evaluateCell, snapshotCell, type Cell, type EvaluateCell, type SnapshotCell } from '@ncsweep/catalog/cell';
import type { BackendName } from '@ncsweep/catalog/backends';
import type { AttackParams } from '@ncsweep/catalog/attacks';
import type { Lineage } from '@ncsweep/catalog/params';
import type { Sweep } from '@ncsweep/catalog/sweep';
import { cutEvaluations } from './cut-evaluations.ts';
import type { EvaluationGroup, TrainingGroup } from './groups.ts';
import type { Place } from './trial.ts';
import { keptEpochs, trials } from './trials.ts';

/** What is needed to run a plan. */
export interface RunnablePlan {
  readonly sweep: Sweep;
  readonly backend: BackendName;
  readonly batchSize: number;
  /** By cell id; inputs come before the cells that need them. */
  readonly cells: ReadonlyMap<string, Cell>;
  readonly trainings: readonly TrainingGroup[];
  readonly evaluations: readonly EvaluationGroup[];
  /** sha256 over the sorted cell ids, one per line. */
  readonly planDigest: string;
  readonly trials: number;
  /** Number of result rows that each cell stands for, by cell id; cells that only serve others stand for none, and are left out. */
  readonly rowsOf: ReadonlyMap<string, number>;
  /** Trials that another grid requests again; they run once. */
  readonly askedTwice: number;
}

export interface Plan extends RunnablePlan {
  /** The cell id of each place that has trials, by `Place.key`. */
  readonly cellAt: ReadonlyMap<string, string>;
}

/** Thrown for a plan of more cells than are allowed. */
export class PlanTooLargeError extends InvalidInputError {
  constructor(mostCells: number) {
    super(
      `more than ${mostCells} cells, the most that one sweep may have here. Remedy: split it by seed or architecture; equal work is shared`,
    );
  }
}

interface Builder {
  readonly sweep: Sweep;
  readonly numerics: { readonly backend: BackendName; readonly batchSize: number };
  readonly cellAt: Map<string, string>;
  readonly trainings: Map<string, { lineage: Lineage; cells: Map<number, SnapshotCell> }>;
  readonly evaluations: Map<string, { lineage: Lineage; snapshot: SnapshotCell; cells: EvaluateCell[] }>;
  readonly lineageKeys: Map<string, string>;
  readonly attackKeys: Map<AttackParams, string>;
  /** Number of cells so far. */
  cells: number;
}

/** The lineage of a place; its kept snapshots are planned with it. */
function trainingOf(builder: Builder, { dataset, architecture, training, seed }: Place) {
  const named = [dataset.name, architecture.name, training.name, seed].join('\n');
  const lineage: Lineage = { dataset: dataset.params, architecture: architecture.params, recipe: training.params, seed };
  const key = builder.lineageKeys.get(named) ?? digestOf(lineage);
  builder.lineageKeys.set(named, key);
  const known = builder.trainings.get(key);
  if (known !== undefined) return known;
  const cells = keptEpochs(builder.sweep, training.params).map((e) => [e, snapshotOf(builder, lineage, e)] as const);
  const group = { lineage, cells: new Map(cells) };
  builder.cells += group.cells.size;
  builder.trainings.set(key, group);
  return group;
}

const snapshotOf = ({ numerics }: Builder, lineage: Lineage, epoch: number): SnapshotCell =>
  snapshotCell({ ...lineage, epoch }, numerics.backend);

function attackKey({ attackKeys }: Builder, attack: AttackParams): string {
  const key = attackKeys.get(attack) ?? digestOf(attack);
  attackKeys.set(attack, key);
  return key;
}

/** Adds the cell of a place with everything that it needs: the snapshot, and the clean cell that holds the clean class means. */
function addPlace(builder: Builder, place: Place): void {
  const training = trainingOf(builder, place);
  const { lineage } = training;
  const known = training.cells.get(place.epoch);
  const snapshot = known ?? snapshotOf(builder, lineage, place.epoch);
  if (known === undefined) builder.cells += 1;
  training.cells.set(place.epoch, snapshot);
  const { epsilon, split, attack } = place;
  const cleanKey = `${snapshot.cellId} ${split}`;
  let clean = builder.evaluations.get(cleanKey);
  if (clean === undefined) {
    const cell = evaluateCell({ attack: { kind: 'none' }, epsilon: '0/1', split }, [snapshot.cellId], builder.numerics);
    clean = { lineage, snapshot, cells: [cell] };
    builder.evaluations.set(cleanKey, clean);
    builder.cells += 1;
  }
  const cleanId = clean.cells[0]!.cellId;
  if (attack.params.kind === 'none') {
    builder.cellAt.set(place.key, cleanId);
    return;
  }
  const key = `${cleanKey} ${attackKey(builder, attack.params)}`;
  const group = builder.evaluations.get(key) ?? { lineage, snapshot, cells: [] };
  builder.evaluations.set(key, group);
  const cell = evaluateCell(
    { attack: attack.params, epsilon: epsilon.value, split },
    [snapshot.cellId, cleanId],
    builder.numerics,
  );
  group.cells.push(cell);
  builder.cells += 1;
  builder.cellAt.set(place.key, cell.cellId);
}

/** `onCells` is called once per this many trials: rarely enough to cost nothing. */
const trialsBetweenWords = 10_000;

/**
 * @param backend resolved, never `auto`
 * @param batchSize examples per batch of attacks and evaluation
 * @param onCells called now and then with the number of cells so far
 * @throws PlanTooLargeError as soon as there are more than `mostCells`
 */
export function planSweep(
  sweep: Sweep,
  backend: BackendName,
  batchSize: number,
  mostCells = Infinity,
  onCells?: (cells: number) => void,
): Plan {
  const numerics = { backend, batchSize };
  const builder: Builder = {
    sweep,
    numerics,
    cellAt: new Map(),
    trainings: new Map(),
    evaluations: new Map(),
    lineageKeys: new Map(),
    attackKeys: new Map(),
    cells: 0,
  };
  const rowsOf = new Map<string, number>();
  let [count, askedTwice] = [0, 0];
  for (const { place } of trials(sweep, () => (askedTwice += 1))) {
    count += 1;
    if (count % trialsBetweenWords === 0) onCells?.(builder.cells);
    if (!builder.cellAt.has(place.key)) addPlace(builder, place);
    if (builder.cells > mostCells) throw new PlanTooLargeError(mostCells);
    const cellId = builder.cellAt.get(place.key)!;
    rowsOf.set(cellId, (rowsOf.get(cellId) ?? 0) + 1);
  }
  const trainings = [...builder.trainings.values()].map(({ lineage, cells }) => ({
    lineage,
    cells: [...cells.values()].sort((a, b) => a.params.epoch - b.params.epoch),
  }));
  const evaluations = cutEvaluations([...builder.evaluations.values()], sweep.execution.parallelism);
  const cells = new Map<string, Cell>();
  for (const group of [...trainings, ...evaluations]) for (const cell of group.cells) cells.set(cell.cellId, cell);
  const planDigest = sha256([...cells.keys()].sort().join('\n'));
  return {
    sweep,
    ...numerics,
    cells,
    cellAt: builder.cellAt,
    trainings,
    evaluations,
    planDigest,
    trials: count,
    rowsOf,
    askedTwice,
  };
}
