/** Estimates how long the missing cells will take: units of cost (cost.ts) times seconds per unit (rates.ts). */
import { attackOf } from '@ncsweep/catalog/attacks';
import { backendOf, type BackendName } from '@ncsweep/catalog/backends';
import type { Sweep } from '@ncsweep/catalog/sweep';
import type { CellResult } from '@ncsweep/protocol/result';
import { evaluationUnits, trainingUnits } from './cost.ts';
import type { EvaluationGroup, TrainingGroup } from './groups.ts';
import type { RunnablePlan } from './plan.ts';
import { anything, defaultSpread, Rates, type Interval, type Sample } from './rates.ts';

export interface Estimate extends Interval {
  /** Sum over the cells, as if one worker ran them one after another. */
  readonly coreTime: Readonly<Record<'snapshot' | 'evaluate', Interval>>;
  readonly workers: number;
  /** Where the numbers come from, for people. */
  readonly basis: string;
}

export type Measured = ReadonlyMap<string, { readonly value: Pick<CellResult, 'times'> }>;

/** The observed progress of a training since it started or resumed. */
export interface Advance {
  readonly fromEpoch: number;
  readonly toEpoch: number;
  /** Time between the two epochs. */
  readonly seconds: number;
}

export interface EstimateOptions {
  /** Worker processes. Default: `execution.parallelism`. */
  readonly workers?: number;
  /** Progress of snapshots in training, by cell id: it shows the pace before the first of them is committed. */
  readonly advances?: ReadonlyMap<string, Advance>;
}

/** Cells of equal cost, because a plan may have a million: a snapshot, or the evaluations of a group. */
interface Work {
  readonly kind: 'snapshot' | 'evaluate';
  readonly cells: readonly { readonly cellId: string }[];
  /** Of each cell. */
  readonly units: number;
  /** The kinds that it resembles, the most similar first. */
  readonly like: readonly string[];
  /** For a snapshot: the epochs that lead to it. */
  readonly epochs?: readonly [from: number, to: number];
}

type Found = Sweep['found'];

function trainingWork({ lineage, cells }: TrainingGroup, found: Found): Work[] {
  const { recipe, architecture } = lineage;
  const style = recipe.kind === 'import' ? 'import' : recipe.attack === null ? recipe.loss : `${recipe.loss} adversarial`;
  const like = [`snapshot ${architecture.name} ${style}`, `snapshot ${architecture.name}`, 'snapshot', anything];
  return cells.map((cell, i) => {
    const epochs = [cells[i - 1]?.params.epoch ?? 0, cell.params.epoch] as const;
    const units = trainingUnits(lineage, ...epochs, found?.[lineage.dataset.digest]);
    return { kind: 'snapshot', cells: [cell], units, like, epochs };
  });
}

/** All cells of a group have the same attack and split. */
function evaluationWork({ lineage, cells }: EvaluationGroup, found: Found): Work[] {
  const first = cells[0];
  if (first === undefined) return [];
  const { attack } = first.params;
  const { name } = lineage.architecture;
  const part = attack.kind === 'none' ? undefined : attackOf(attack);
  const family = part === undefined ? 'none' : `${attack.kind} ${part.climbs(attack)}`;
  // Without gradients most of the time goes into metrics, so a unit takes several times as long and says little about attacks.
  const weight = part === undefined || part.gradients(attack) === 0 ? 'without gradients' : 'with gradients';
  const like = [`evaluate ${name} ${family}`, `evaluate ${name} ${weight}`, `evaluate ${weight}`, anything];
  return [{ kind: 'evaluate', cells, units: evaluationUnits(lineage, first, found?.[lineage.dataset.digest]), like }];
}

/** Cached with the plan, on which alone it depends: an orchestrator estimates again and again. */
const workOfPlan = new WeakMap<RunnablePlan, readonly Work[]>();

function allWork(plan: RunnablePlan): readonly Work[] {
  const known = workOfPlan.get(plan);
  if (known !== undefined) return known;
  const work = [
    ...plan.trainings.flatMap((group) => trainingWork(group, plan.sweep.found)),
    ...plan.evaluations.flatMap((group) => evaluationWork(group, plan.sweep.found)),
  ];
  workOfPlan.set(plan, work);
  return work;
}

/** The part of a training's work that lies between two epochs. */
function shareBetween({ epochs }: Work, from: number, to: number): number {
  const [first, last] = epochs ?? [0, 0];
  return last <= first ? 0 : Math.max(0, Math.min(to, last) - Math.max(from, first)) / (last - first);
}

/** The measured pace of a cell: of the whole once it is committed, of a part while it runs. */
function seenOf(work: Work, cellId: string, measured: Measured, advances: EstimateOptions['advances']): Sample | undefined {
  const advance = advances?.get(cellId);
  const share = advance === undefined ? 0 : shareBetween(work, advance.fromEpoch, advance.toEpoch);
  const units = work.units * (share > 0 ? share : 1);
  const computeMs = share > 0 ? 1000 * advance!.seconds : measured.get(cellId)?.value.times.computeMs;
  return computeMs === undefined || units === 0 ? undefined : { rate: computeMs / 1000 / units, units, isWhole: share === 0 };
}

/** Measured paces by kind of work. A sample counts for each kind that its work resembles. */
function sampled(all: readonly Work[], measured: Measured, advances: EstimateOptions['advances']): ReadonlyMap<string, Sample[]> {
  const samples = new Map<string, Sample[]>();
  if (measured.size === 0 && (advances?.size ?? 0) === 0) return samples;
  for (const work of all)
    for (const { cellId } of work.cells) {
      const sample = seenOf(work, cellId, measured, advances);
      if (sample === undefined) continue;
      for (const kind of work.like) {
        const known = samples.get(kind);
        if (known === undefined) samples.set(kind, [sample]);
        else known.push(sample);
      }
    }
  return samples;
}

const none: Interval = { seconds: 0, low: 0, high: 0 };
const plus = (a: Interval, b: Interval): Interval => ({
  seconds: a.seconds + b.seconds,
  low: a.low + b.low,
  high: a.high + b.high,
});
const times = (a: Interval, factor: number): Interval => ({
  seconds: a.seconds * factor,
  low: a.low * factor,
  high: a.high * factor,
});

/** Rounded to 0.1 s: the rest is noise. */
const rounded = ({ seconds, low, high }: Interval): Interval => {
  const round = (s: number): number => Math.round(10 * s) / 10;
  return { seconds: round(seconds), low: round(low), high: round(high) };
};

function basisOf(measured: number, guessed: number, backend: BackendName): string {
  const guess = `a default for ${backend}, accurate within a factor of ${defaultSpread}`;
  if (measured === 0) return `no earlier results: ${guess}`;
  const others = `; ${guessed} cells of other kinds estimated from these, accurate within a factor of ${defaultSpread}`;
  return `from ${measured} earlier results${guessed === 0 ? '' : others}`;
}

/**
 * @param measured committed cells of this plan with their compute times
 * @param runs whether a cell would run, or runs
 */
export function estimate(
  plan: RunnablePlan,
  measured: Measured,
  runs: (cellId: string) => boolean,
  { workers = plan.sweep.execution.parallelism, advances }: EstimateOptions = {},
): Estimate {
  const all = allWork(plan);
  const rates = new Rates(sampled(all, measured, advances), workers, backendOf(plan.backend).unitSeconds);
  const coreTime = { snapshot: none, evaluate: none };
  let guessed = 0;
  const seconds = new Map<string, Interval>();
  for (const work of all) {
    const { kind, like } = work;
    const { seconds: rate, isLearnt } = rates.of(like);
    for (const { cellId } of work.cells) {
      if (!runs(cellId)) continue;
      if (!isLearnt) guessed += 1;
      const ahead = 1 - shareBetween(work, 0, advances?.get(cellId)?.toEpoch ?? 0);
      const own = times(rate, work.units * ahead);
      if (kind === 'snapshot') seconds.set(cellId, own);
      coreTime[kind] = plus(coreTime[kind], own);
    }
  }
  const trainings = plan.trainings.map(({ cells }) => cells.map(({ cellId }) => seconds.get(cellId) ?? none).reduce(plus, none));
  const shared = times(plus(coreTime.snapshot, coreTime.evaluate), 1 / workers);
  // A training runs on one worker, so the longest one is a lower bound for the whole.
  const atLeast = (key: keyof Interval): number => trainings.reduce((most, t) => Math.max(most, t[key]), shared[key]);
  const basis = basisOf(measured.size, guessed, plan.backend);
  return {
    ...rounded({ seconds: atLeast('seconds'), low: atLeast('low'), high: atLeast('high') }),
    coreTime: { snapshot: rounded(coreTime.snapshot), evaluate: rounded(coreTime.evaluate) },
    workers,
    basis,
  };
}
