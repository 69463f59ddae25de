/** From a sweep to its content-addressed cells. Pure: the same sweep, backend and batch size give the same plan. */
import { InvalidInputError } from '@ncsweep/protocol/errors';
import { evaluateCell, snapshotCell, type Cell, type EvaluateCell, type SnapshotCell } from '@ncsweep/catalog/cell';
import type { SplitName } from '@ncsweep/catalog/axes';
import { metricsOfSweep, metricsUnder } from '@ncsweep/catalog/plugins/evaluated-metrics';
import type { BackendName } from '@ncsweep/catalog/backends';
import type { EvaluateParams, Lineage } from '@ncsweep/catalog/params';
import type { Sweep } from '@ncsweep/catalog/sweep';
import { cutEvaluations } from './cut-evaluations.ts';
import type { EvaluationGroup, TrainingGroup } from './groups.ts';
import { planDigestOf } from './plan-digest.ts';
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
  /** The cell id of each place that has trials, by `Place.cellNumber`; undefined where that is no number of a cell of this plan. */
  readonly cellAt: readonly (string | undefined)[];
}

/** Thrown for a plan of more cells than are allowed. */
export class PlanTooLargeError extends InvalidInputError {
  constructor(mostCells: number) {
    super(
      `more than ${mostCells} cells, the most that one sweep may have here. Remedy: split it by seed or architecture; equal work is shared`,
    );
  }
}

/** The evaluations of one snapshot on one split. What its cells have in common is one object, because a sweep may have a million. */
interface SplitBuilder {
  readonly lineage: Lineage;
  readonly snapshot: SnapshotCell;
  readonly cleanId: string;
  /** Of its perturbed cells. */
  readonly inputs: readonly string[];
  /** By attack number. */
  readonly byAttack: Map<number, EvaluateCell[]>;
}

interface TrainingBuilder {
  readonly lineage: Lineage;
  readonly byEpoch: Map<number, { readonly cell: SnapshotCell; readonly splits: Partial<Record<SplitName, SplitBuilder>> }>;
}

interface Group {
  readonly lineage: Lineage;
  readonly snapshot: SnapshotCell;
  readonly cells: EvaluateCell[];
}

class PlanBuilder {
  readonly #sweep: Sweep;
  readonly #numerics: { readonly backend: BackendName; readonly batchSize: number };
  /** By training number. */
  readonly #trainings: TrainingBuilder[] = [];
  readonly evaluations: Group[] = [];
  readonly cellAt: (string | undefined)[] = [];
  /** Parameters that many cells have, by attack number, split and epsilon. */
  /** Of plug-ins. */
  readonly #metrics: Pick<EvaluateParams, 'metrics'>;
  readonly #params = new Map<string, Map<string, EvaluateParams>>();
  /** Number of cells so far. */
  cells = 0;

  constructor(sweep: Sweep, numerics: { readonly backend: BackendName; readonly batchSize: number }) {
    this.#sweep = sweep;
    this.#numerics = numerics;
    this.#metrics = metricsOfSweep(sweep);
  }

  /** Adds the cell of a place with everything that it needs: the snapshot, and the clean cell that holds the clean class means. */
  add(place: Place): void {
    const split = this.#splitOf(place);
    this.cellAt[place.cellNumber] = place.attack.params.kind === 'none' ? split.cleanId : this.#perturbed(place, split);
  }

  trainings(): TrainingGroup[] {
    return this.#trainings.map(({ lineage, byEpoch }) => ({
      lineage,
      cells: [...byEpoch.values()].map(({ cell }) => cell).sort((a, b) => a.params.epoch - b.params.epoch),
    }));
  }

  /** The kept snapshots of a training are planned with it. */
  #trainingOf({ trainingNumber, dataset, architecture, training, seed }: Place): TrainingBuilder {
    const known = this.#trainings[trainingNumber];
    if (known !== undefined) return known;
    const lineage: Lineage = { dataset: dataset.params, architecture: architecture.params, recipe: training.params, seed };
    const builder: TrainingBuilder = { lineage, byEpoch: new Map() };
    this.#trainings[trainingNumber] = builder;
    for (const epoch of keptEpochs(this.#sweep, training.params)) this.#snapshotOf(builder, epoch);
    return builder;
  }

  #snapshotOf({ lineage, byEpoch }: TrainingBuilder, epoch: number) {
    let snapshot = byEpoch.get(epoch);
    if (snapshot === undefined) {
      snapshot = { cell: snapshotCell({ ...lineage, epoch }, this.#numerics.backend), splits: {} };
      byEpoch.set(epoch, snapshot);
      this.cells += 1;
    }
    return snapshot;
  }

  #splitOf(place: Place): SplitBuilder {
    const training = this.#trainingOf(place);
    const { cell: snapshot, splits } = this.#snapshotOf(training, place.epoch);
    const known = splits[place.split];
    if (known !== undefined) return known;
    const params = { attack: { kind: 'none' }, epsilon: '0/1', split: place.split, ...this.#metrics } as const;
    const clean = evaluateCell(params, [snapshot.cellId], this.#numerics);
    const { lineage } = training;
    this.evaluations.push({ lineage, snapshot, cells: [clean] });
    this.cells += 1;
    const inputs = [snapshot.cellId, clean.cellId];
    return (splits[place.split] = { lineage, snapshot, cleanId: clean.cellId, inputs, byAttack: new Map() });
  }

  #perturbed(place: Place, { lineage, snapshot, inputs, byAttack }: SplitBuilder): string {
    let cells = byAttack.get(place.attackNumber);
    if (cells === undefined) {
      cells = [];
      byAttack.set(place.attackNumber, cells);
      this.evaluations.push({ lineage, snapshot, cells });
    }
    const cell = evaluateCell(this.#paramsOf(place), inputs, this.#numerics);
    cells.push(cell);
    this.cells += 1;
    return cell.cellId;
  }

  #paramsOf({ attackNumber, attack, split, epsilon }: Place): EvaluateParams {
    const key = `${attackNumber} ${split}`;
    const byEpsilon = this.#params.get(key) ?? new Map<string, EvaluateParams>();
    this.#params.set(key, byEpsilon);
    const params = byEpsilon.get(epsilon.value) ?? {
      attack: attack.params,
      epsilon: epsilon.value,
      split,
      ...metricsUnder(attack.params, this.#metrics),
    };
    byEpsilon.set(epsilon.value, params);
    return params;
  }
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
  const builder = new PlanBuilder(sweep, numerics);
  /** By cell number. */
  const rows: number[] = [];
  let [count, askedTwice] = [0, 0];
  for (const { place } of trials(sweep, () => (askedTwice += 1))) {
    count += 1;
    if (count % trialsBetweenWords === 0) onCells?.(builder.cells);
    const { cellNumber } = place;
    if (builder.cellAt[cellNumber] === undefined) builder.add(place);
    if (builder.cells > mostCells) throw new PlanTooLargeError(mostCells);
    rows[cellNumber] = (rows[cellNumber] ?? 0) + 1;
  }
  const { cellAt } = builder;
  const trainings = builder.trainings();
  const evaluations = cutEvaluations(builder.evaluations, sweep.execution.parallelism);
  const cells = new Map<string, Cell>();
  for (const group of [...trainings, ...evaluations]) for (const cell of group.cells) cells.set(cell.cellId, cell);
  const rowsOf = new Map<string, number>();
  for (const [i, cellId] of cellAt.entries()) if (cellId !== undefined) rowsOf.set(cellId, rows[i]!);
  const planDigest = planDigestOf(cells.keys());
  return { sweep, ...numerics, cells, cellAt, trainings, evaluations, planDigest, trials: count, rowsOf, askedTwice };
}
