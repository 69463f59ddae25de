/** The verdicts as the terminal prints them at the end of a run. */
import { formatContrast } from './format.ts';
import type { ContrastResult } from './contrast.ts';
import type { ClaimVerdict, Outcome, SetVerdicts, Verdicts } from './verdict.ts';
import { sidesOf, type Claim, type Contrast } from '@ncsweep/catalog/claims/claim';

/** The contrasts that hold on the training split but not on the test split, where that was measured. */
export const notOnTest = ({ contrasts, beside }: ClaimVerdict): readonly ContrastResult[] =>
  contrasts.flatMap(({ outcome }, i) => {
    const test = beside[i];
    return outcome === 'predicted' && test !== undefined && test.outcome !== 'absent' && test.outcome !== 'predicted'
      ? [test]
      : [];
  });

/** More names than this are only counted, because the table has them all. */
const namesInALine = 3;

/** "; not on test data: clean nc1/(K − 1), PGD nc1 AT/ST", or nothing when the splits agree. */
function testText(verdict: ClaimVerdict): string {
  const names = notOnTest(verdict).map(({ contrast }) => contrast.short);
  const more = names.length > namesInALine ? ` and ${names.length - namesInALine} more` : '';
  return names.length === 0 ? '' : `; not on test data: ${names.slice(0, namesInALine).join(', ')}${more}`;
}

/** The splits that a contrast reads, in words. */
export function dataOf(contrast: Contrast): string {
  const splits = new Set(sidesOf(contrast).map(({ at }) => at.split ?? 'train'));
  if (splits.size === 2) return 'training and test data';
  return splits.has('test') ? 'test data' : 'training data';
}

/** "angle −13.2° [−14.2, −12.2] at 8/255 on training data; no stronger attack run; not on test data: PGD nc1 AT/ST" */
export function headline(verdict: ClaimVerdict, epsilon: string | undefined): string {
  const result = verdict.contrasts.find((c) => c.contrast.id === verdict.claim.headline);
  if (result?.interval === undefined) return verdict.reason;
  const number = `${result.contrast.short} ${formatContrast(result.interval, result.contrast.unit)}`;
  const isAttacked = sidesOf(result.contrast).some(({ at }) => at.attack !== 'clean');
  const place = epsilon === undefined || !isAttacked ? '' : ` at ${epsilon}`;
  return `${number}${place} on ${dataOf(result.contrast)}${verdict.reason === '' ? '' : `; ${verdict.reason}`}${testText(verdict)}`;
}

/** "SUPPORTED", or with several strata "SUPPORTED 3 of 4". */
function overall(verdicts: readonly ClaimVerdict[]): { outcome: Outcome; share: string } {
  const order: readonly Outcome[] = ['Contradicted', 'Supported', 'Inconclusive', 'Not measured'];
  const counts = order.map((outcome) => ({ outcome, count: verdicts.filter((v) => v.outcome === outcome).length }));
  const shown = counts.find((c) => c.count > 0) ?? { outcome: 'Not measured' as const, count: 0 };
  return { outcome: shown.outcome, share: verdicts.length > 1 ? ` ${shown.count} of ${verdicts.length}` : '' };
}

/** "3", or with several sets of claims "su2023 3". */
export const claimName = ({ sets }: Verdicts, { set }: SetVerdicts, { number }: Claim): string =>
  sets.length > 1 ? `${set.name} ${number}` : String(number);

function lineOf({ strata }: SetVerdicts, i: number, name: string, width: number): string {
  const here = strata.flatMap((s) => s.verdicts[i] ?? []);
  const { outcome, share } = overall(here);
  const first = strata.find((s) => s.verdicts[i]?.outcome === outcome);
  const verdict = first?.verdicts[i];
  const text = verdict === undefined ? '' : headline(verdict, first?.roles.epsilon?.label);
  const short = verdict?.claim.short ?? '';
  return `  ${name} ${short.padEnd(width)}  ${(outcome.toUpperCase() + share).padEnd(13)} ${text}`;
}

export function verdictLines(verdicts: Verdicts): readonly string[] {
  const width = Math.max(0, ...verdicts.sets.flatMap(({ claims }) => claims.map((c) => c.short.length)));
  return verdicts.sets.flatMap((set) => set.claims.map((claim, i) => lineOf(set, i, claimName(verdicts, set, claim), width)));
}
