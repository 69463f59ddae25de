/**
 * How long the missing cells will take: units of cost (cost.ts) times seconds a unit, learnt from the compute times of committed cells
 * of the plan, those of the same kind of work first. Without any, a stated default of the backend with a wide interval.
 */
import { attackOf } from '@ncsweep/catalog/attacks';
import { backendOf, type BackendName } from '@ncsweep/catalog/backends';
import type { CellResult } from '@ncsweep/protocol/result';
import { evaluationUnits, trainingUnits } from './cost.ts';
import type { EvaluationGroup, TrainingGroup } from './groups.ts';
import type { RunnablePlan } from './plan.ts';

export interface Interval {
  readonly seconds: number;
  readonly low: number;
  readonly high: number;
}

export interface Estimate extends Interval {
  /** Sum over cells, as if one worker ran them one after the other. */
  readonly coreTime: Readonly<Record<'snapshot' | 'evaluate', Interval>>;
  readonly workers: number;
  /** Where the numbers come from, for people. */
  readonly basis: string;
}

export type Measured = ReadonlyMap<string, { readonly value: Pick<CellResult, 'times'> }>;

/** A backend's default may be wrong by this factor, either way. */
const defaultSpread = 3;
/** A learnt time may be wrong by this factor at least. */
const learntSpread = 1.25;

/** A piece of work: its cost, and the kinds it is like, most alike first. */
interface Work {
  readonly cellId: string;
  readonly kind: 'snapshot' | 'evaluate';
  readonly units: number;
  readonly like: readonly string[];
}

function trainingWork({ lineage, cells }: TrainingGroup): Work[] {
  const { recipe, architecture } = lineage;
  const style = recipe.kind === 'import' ? 'import' : recipe.attack === null ? recipe.loss : `${recipe.loss} adversarial`;
  const like = [`snapshot ${architecture.name} ${style}`, `snapshot ${architecture.name}`, 'snapshot'];
  return cells.map(({ cellId, params }, i) => {
    const units = trainingUnits(lineage, cells[i - 1]?.params.epoch ?? 0, params.epoch);
    return { cellId, kind: 'snapshot', units, like };
  });
}

/** Cells of a group have one attack. */
function evaluationWork({ lineage, cells }: EvaluationGroup): Work[] {
  const { name } = lineage.architecture;
  const attack = cells[0]?.params.attack;
  const family = attack === undefined || attack.kind === 'none' ? 'none' : `${attack.kind} ${attackOf(attack).climbs(attack)}`;
  const like = [`evaluate ${name} ${family}`, `evaluate ${name}`, 'evaluate'];
  return cells.map((cell) => ({ cellId: cell.cellId, kind: 'evaluate', units: evaluationUnits(lineage, cell), like }));
}

/** It depends on the plan alone, and an orchestrator estimates again and again: kept with the plan. */
const workOfPlan = new WeakMap<RunnablePlan, readonly Work[]>();

function allWork(plan: RunnablePlan): readonly Work[] {
  const known = workOfPlan.get(plan);
  if (known !== undefined) return known;
  const work = [...plan.trainings.flatMap(trainingWork), ...plan.evaluations.flatMap(evaluationWork)];
  workOfPlan.set(plan, work);
  return work;
}

/** Seconds a unit of cost of each kind of work that was measured. */
function learn(work: readonly Work[], measured: Measured): ReadonlyMap<string, Interval> {
  const samples = new Map<string, { seconds: number; units: number; rates: number[] }>();
  for (const { cellId, units, like } of work) {
    const computeMs = measured.get(cellId)?.value.times.computeMs;
    if (computeMs === undefined || units === 0) continue;
    for (const kind of like) {
      const sample = samples.get(kind) ?? { seconds: 0, units: 0, rates: [] };
      samples.set(kind, sample);
      sample.seconds += computeMs / 1000;
      sample.units += units;
      sample.rates.push(computeMs / 1000 / units);
    }
  }
  return new Map([...samples].map(([kind, { seconds, units, rates }]) => [kind, around(seconds / units, rates)]));
}

/** Mean rate with the range of the middle 80 % of cells. */
function around(mean: number, rates: readonly number[]): Interval {
  const sorted = Float64Array.from(rates).sort();
  const quantile = (q: number): number => sorted[Math.round(q * (sorted.length - 1))] ?? mean;
  return { seconds: mean, low: Math.min(quantile(0.1), mean / learntSpread), high: Math.max(quantile(0.9), mean * learntSpread) };
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

/** To 0.1 s: the rest is noise. */
const rounded = ({ seconds, low, high }: Interval): Interval => {
  const round = (s: number): number => Math.round(10 * s) / 10;
  return { seconds: round(seconds), low: round(low), high: round(high) };
};

function basisOf(measured: number, guessed: number, backend: BackendName): string {
  const guess = `a default for ${backend}, right within a factor of ${defaultSpread}`;
  if (measured === 0) return `no earlier results: ${guess}`;
  return `from ${measured} earlier results${guessed === 0 ? '' : `; ${guessed} cells of other kinds by ${guess}`}`;
}

/**
 * @param measured committed cells of this plan with their compute times
 * @param runs whether a cell would run
 */
export function estimate(plan: RunnablePlan, measured: Measured, runs: (cellId: string) => boolean): Estimate {
  const work = allWork(plan);
  const rates = learn(work, measured);
  const unit = backendOf(plan.backend).unitSeconds;
  const fallback: Interval = { seconds: unit, low: unit / defaultSpread, high: unit * defaultSpread };
  const coreTime = { snapshot: none, evaluate: none };
  let guessed = 0;
  const seconds = new Map<string, Interval>();
  for (const { cellId, kind, units, like } of work) {
    if (!runs(cellId)) continue;
    const known = like.map((k) => rates.get(k)).find((rate) => rate !== undefined);
    if (known === undefined) guessed += 1;
    const own = times(known ?? fallback, units);
    if (kind === 'snapshot') seconds.set(cellId, own);
    coreTime[kind] = plus(coreTime[kind], own);
  }
  const workers = plan.sweep.execution.parallelism;
  const trainings = plan.trainings.map(({ cells }) => cells.map(({ cellId }) => seconds.get(cellId) ?? none).reduce(plus, none));
  const shared = times(plus(coreTime.snapshot, coreTime.evaluate), 1 / workers);
  // A training runs on one worker, so the longest bounds the whole from below.
  const atLeast = (key: keyof Interval): number => trainings.reduce((most, t) => Math.max(most, t[key]), shared[key]);
  const basis = basisOf(measured.size, guessed, plan.backend);
  const all = { seconds: atLeast('seconds'), low: atLeast('low'), high: atLeast('high') };
  return {
    ...rounded(all),
    coreTime: { snapshot: rounded(coreTime.snapshot), evaluate: rounded(coreTime.evaluate) },
    workers,
    basis,
  };
}
