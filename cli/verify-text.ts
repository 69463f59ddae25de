/** What `ncsweep verify` found, for people and for programs. Pure. */
import { cellLabels } from '@ncsweep/orchestrator/planning/plan/cell-label';
import type { CellCheck } from '@ncsweep/orchestrator/engine/verify/verify-cells';
import { toleranceTable } from '@ncsweep/catalog/metrics';
import { toleranceText } from '@ncsweep/catalog/metrics/tolerance';
import { checkReason, isSound } from 'ncsweep/run-again';
import type { Verification } from 'ncsweep/verify-sweep';
import { textRows } from './cluster/table.ts';

const mostShown = 10;

const small = (value: number | undefined): string =>
  value === undefined
    ? 'none'
    : value === 0
      ? '0'
      : Number.isFinite(value)
        ? String(Number(value.toPrecision(3)))
        : String(value);

function row(check: CellCheck, label: string): string[] {
  const head = [`  ${check.cell.cellId.slice(0, 12)}`, label];
  if (check.verdict === 'not run again') return [...head, '', '', '', '', check.verdict];
  const { compared, differing, unlike, verdict } = check;
  const [worst] = differing;
  const demanded = unlike.length === 0 ? 'equality' : '';
  if (worst === undefined) return [...head, String(compared), '', '0', demanded, verdict];
  const { metric, place, difference, allowed } = worst;
  return [...head, String(compared), `${metric} ${place}`.trim(), small(difference), demanded || small(allowed), verdict];
}

/** The tolerances by which cells were judged, and why equality was not required. */
function judgedBy(checks: readonly CellCheck[]): string[] {
  const run = checks.filter((check) => check.verdict !== 'not run again');
  const unlike = new Set(run.flatMap((check) => check.unlike));
  if (run.length === 0) return [];
  if (unlike.size === 0) return ['equality was required: backend, versions, threads and CPU type are those of the results\n'];
  const rows = [...toleranceTable()].map(([tolerance, names]) => [
    `  ${tolerance.of}`,
    toleranceText(tolerance),
    names.join(', '),
  ]);
  return [`tolerances, because of ${[...unlike].join('; ')}:\n`, textRows(rows)];
}

export function verifyText({ plan, store, kind, seed, on, candidates, finished, checks, accepted }: Verification): string {
  const label = cellLabels(plan);
  const missing = candidates - finished;
  const heads = ['  CELL', 'WHAT', 'NUMBERS', 'WORST', 'DIFFERENCE', 'ALLOWED', 'VERDICT'];
  const sound = checks.filter(isSound).length;
  const where = on === plan.backend ? on : `${plan.backend}, run again on ${on}`;
  return [
    `${plan.sweep.name} (${store}): ${checks.length} of ${finished} ${kind} cells on ${where}, drawn with seed ${seed}`,
    missing > 0 ? `; ${missing} more have no result that stands\n` : '\n',
    textRows([heads, ...checks.map((check) => row(check, label(check.cell)))]),
    ...judgedBy(checks),
    `${sound} of ${checks.length} verified\n`,
    ...accepted.map((part) => `the store has this code for ${part} from now on\n`),
    ...checks.filter((check) => !isSound(check)).map((check) => `  ${check.cell.cellId.slice(0, 12)}  ${checkReason(check)}\n`),
  ].join('');
}

/** JSON has no infinities and no NaN. */
const spelled = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;

function checkJson(check: CellCheck, what: string): object {
  const head = { cellId: check.cell.cellId, what, verdict: check.verdict };
  if (check.verdict === 'not run again') return { ...head, reason: check.reason };
  const { compared, differing, beyond, files, unlike } = check;
  return { ...head, compared, differing: differing.length, beyond, files, unlike, worst: differing.slice(0, mostShown) };
}

export function verifyJson({ plan, checks, interrupted: _, ...asked }: Verification): string {
  const label = cellLabels(plan);
  const cells = checks.map((check) => checkJson(check, label(check.cell)));
  const tolerances = [...toleranceTable()].map(([tolerance, metrics]) => ({ ...tolerance, metrics }));
  const { sweep, backend, planDigest } = plan;
  return `${JSON.stringify({ v: 1, sweep: sweep.name, backend, planDigest, ...asked, cells, tolerances }, spelled, 2)}\n`;
}
