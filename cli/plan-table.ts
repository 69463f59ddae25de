/** The plan as a table for terminals. */
import type { Decidable } from '@ncsweep/catalog/claims/decidable';
import type { Explanation } from '@ncsweep/orchestrator/planning/plan/explain';
import type { Interval } from '@ncsweep/orchestrator/planning/plan/rates';
import { dataText } from '@ncsweep/orchestrator/planning/plan/planned-data';
import type { PlanSummary } from '@ncsweep/orchestrator/planning/plan/summary';

const grouped = (n: number): string => n.toLocaleString('en-US');
const plural = (n: number, noun: string): string => `${grouped(n)} ${noun}${n === 1 ? '' : 's'}`;

const units = [
  { name: 'days', seconds: 86_400 },
  { name: 'h', seconds: 3600 },
  { name: 'min', seconds: 60 },
  { name: 's', seconds: 1 },
] as const;

const unitOf = (seconds: number) => units.find((unit) => seconds >= 1.5 * unit.seconds) ?? units[3];
const digits = (value: number): string => (value >= 10 ? grouped(Math.round(value)) : String(Math.round(value * 10) / 10));

/** Seconds in the largest fitting unit, e.g. "3.5 min". */
export function duration(seconds: number): string {
  const unit = unitOf(seconds);
  return `${digits(seconds / unit.seconds)} ${unit.name}`;
}

/** "3.5 min (2–5)", low and high in the unit of the middle. */
export function durationWithin({ seconds, low, high }: Interval): string {
  if (high < 1) return 'less than 1 s';
  const unit = unitOf(seconds);
  return `${duration(seconds)} (${digits(low / unit.seconds)}–${digits(high / unit.seconds)})`;
}

function cellLines(summary: PlanSummary): string[] {
  const { cells, stored, toRun, estimate } = summary;
  const row = (kind: string, ...columns: string[]): string => kind.padEnd(10) + columns.map((c) => c.padStart(9)).join('');
  const line = (kind: 'snapshot' | 'evaluate'): string => {
    const time = toRun[kind] === 0 ? '' : `    ${durationWithin(estimate.coreTime[kind])}`;
    return row(kind, ...[cells[kind], stored[kind], toRun[kind]].map(grouped)) + time;
  };
  const held = summary.parked + summary.blocked;
  return [
    `${row('cell', 'unique', 'stored', 'to run')}    est. core-time`,
    ...[line('snapshot'), line('evaluate')],
    ...(held === 0
      ? []
      : [`${plural(summary.parked, 'cell')} parked after a failure, ${grouped(summary.blocked)} blocked by them: --explain`]),
  ];
}

/** A sweep that lacks more than this many entries is taken to be about something else. */
const mostLacking = 3;

function claimLines({ claims, controls }: PlanSummary): string[] {
  if (claims.length === 0) return [];
  const sets = [...new Set(claims.map(({ set }) => set))];
  const missing = new Set(claims.flatMap((each) => each.missing));
  if (claims.every(({ decidable }) => !decidable) && missing.size > mostLacking)
    return [
      `Decides none of the ${claims.length} claims of ${sets.join(' and ')}; -o json says what they lack, "report: {claims: none}" leaves them out.`,
    ];
  const nameOf = ({ set, claim }: Decidable): string => (sets.length > 1 ? `${set} ${claim}` : String(claim));
  const marks = claims.map((each) => `${nameOf(each)} ${each.decidable ? '✓' : '✗'}`).join('  ');
  const open = claims.filter(({ decidable }) => decidable);
  const least = (of: (c: (typeof claims)[number]) => number): number => Math.min(...open.map(of));
  const counts = (['seed', 'dataset', 'architecture'] as const).map((noun) =>
    plural(
      least((c) => c[`${noun}s`]),
      noun,
    ),
  );
  const n = open.length === 0 ? '' : `   n = ${counts.join(', ')}`;
  const wanting = Map.groupBy(
    claims.flatMap((each) => each.missing.map((yaml) => ({ name: nameOf(each), yaml }))),
    ({ yaml }) => yaml,
  );
  const lacking = [...wanting].map(([yaml, of]) =>
    of.length === 1 ? `  claim ${of[0]!.name} lacks ${yaml}` : `  claims ${of.map(({ name }) => name).join(', ')} lack ${yaml}`,
  );
  const list = (names: readonly string[]): string => (names.length === 0 ? 'none' : names.join(', '));
  const absent = controls.absent.length === 0 ? '' : `   Absent: ${list(controls.absent)}`;
  return [`Claims this sweep can decide: ${marks}${n}`, ...lacking, `Controls present: ${list(controls.present)}.${absent}`];
}

/** @param next the command that runs what is planned; @param here what this machine has */
export function planTable(summary: PlanSummary, next: string, here: string): string {
  const { trials, askedTwice, podPerTrial, cells, toRun, estimate, workers } = summary;
  const twice = askedTwice === 0 ? '' : ` (${grouped(askedTwice)} requested twice, run once)`;
  const passes =
    podPerTrial.evaluate === 1 ? '1 attack or clean pass' : `${grouped(podPerTrial.evaluate)} attacks or clean passes`;
  const pods = `One pod per trial: ${plural(podPerTrial.train, 'training')}, ${passes}.`;
  const time =
    toRun.snapshot + toRun.evaluate === 0
      ? 'Everything is in the store.'
      : `${estimate.high < 1 ? 'Less than 1 s' : `About ${durationWithin(estimate)}`} on ${plural(workers, 'worker')} (here: ${here}): ${estimate.basis}.`;
  const lines = [
    `${summary.sweep}   ${plural(trials, 'trial')} from ${plural(summary.grids, 'grid')}${twice}`,
    ...summary.data.flatMap((data) => [dataText(data), ...data.notes.map((note) => `  ${note}`)]),
    ...cellLines(summary),
    `${pods} Here: ${grouped(summary.trainings)} and ${grouped(cells.evaluate)}.`,
    time,
    ...claimLines(summary),
    `Backend ${summary.backend}, evaluation batch ${grouped(summary.batchSize)}.  Changes nothing. Next: ${next}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** One line per cell, grouped by reason in the order of the plan. */
export function explanationTable(explanations: readonly Explanation[]): string {
  const byReason = Map.groupBy(explanations, (e) => `${e.reason}: ${e.detail}`);
  const lines = [...byReason].flatMap(([reason, cells]) => [
    `${reason} (${plural(cells.length, 'cell')})`,
    ...cells.map((cell) => `  ${cell.cellId.slice(0, 16)}  ${cell.kind.padEnd(8)}  ${cell.label}`),
  ]);
  return lines.length === 0 ? '' : `\n${lines.join('\n')}\n`;
}
