/** The verdict of a claim: a pure function of its contrasts, controls and attack checks, fixed before any result (REPORT.md "Verdicts"). */
import type { Claim } from '@ncsweep/catalog/claims/claim';
import { claimsOf } from '@ncsweep/catalog/claims';
import { rolesOf, strataOf, type Roles, type Stratum } from '@ncsweep/catalog/claims/roles';
import type { SweepTables } from '@ncsweep/catalog/sweep-tables';
import { attackChecks, type AttackCheck } from './attack-check.ts';
import { evaluateContrast, type ContrastResult } from './contrast.ts';
import { evaluateControl, type ControlResult } from './control.ts';
import { holm } from './interval.ts';
import type { Place } from './measure.ts';
import { indexTrials } from './trial-index.ts';

export type Outcome = 'Supported' | 'Contradicted' | 'Inconclusive' | 'Not measured';

export interface ClaimVerdict {
  readonly claim: Claim;
  readonly outcome: Outcome;
  /** What stands in the way of more; empty when supported without reserve. */
  readonly reason: string;
  /** One seed: a direction, no interval. */
  readonly directionOnly: boolean;
  /** A failed attack check: shown dimmed. */
  readonly dimmed: boolean;
  /** Independently trained models behind the contrast that has fewest. */
  readonly n: number;
  readonly contrasts: readonly ContrastResult[];
  /** The same contrasts on the test split, for reading beside; they decide nothing. */
  readonly beside: readonly ContrastResult[];
  readonly controls: readonly ControlResult[];
  readonly failedChecks: readonly AttackCheck[];
}

export interface StratumVerdicts {
  readonly stratum: Stratum;
  readonly roles: Roles;
  readonly checks: readonly AttackCheck[];
  readonly verdicts: readonly ClaimVerdict[];
}

export interface Verdicts {
  readonly claims: readonly Claim[];
  readonly strata: readonly StratumVerdicts[];
}

export interface Evidence {
  readonly contrasts: readonly ContrastResult[];
  readonly controls: readonly ControlResult[];
  readonly failedChecks: readonly AttackCheck[];
  readonly confidence: number;
}

interface Ruling {
  readonly outcome: Outcome;
  readonly reason: string;
}

/** What forbids a decided verdict: a control that is absent or failed, or an attack that is none. */
function blocks({ controls, failedChecks }: Evidence): readonly string[] {
  return [
    ...controls.filter((c) => c.state !== 'valid').map((c) => c.note),
    ...failedChecks.map((c) => `attack check failed for ${c.training}: ${c.title.toLowerCase()} (${c.note})`),
  ];
}

/** Required contrasts wholly on the other side, Holm-corrected over the required ones so that many looks contradict no more easily than one. */
function contradicting({ contrasts, confidence }: Evidence): readonly ContrastResult[] {
  const required = contrasts.filter((c) => c.contrast.required && c.opposite !== undefined);
  const adjusted = holm(required.map((c) => c.opposite ?? 1));
  return required.filter((_, i) => (adjusted[i] ?? 1) < (1 - confidence) / 2);
}

function undecidedReason(result: ContrastResult): string {
  const { contrast, seedsNeeded } = result;
  if (contrast.reduction === 'any-layer')
    return `${contrast.short}: none certain after correction for ${result.layers.length} layers`;
  if (!result.towards) return `${contrast.short} is not on the predicted side`;
  const seeds = seedsNeeded === undefined ? '' : `; about ${seedsNeeded} seeds would decide`;
  return `${contrast.short}: interval includes no difference${seeds}`;
}

function oneSeed(contrasts: readonly ContrastResult[]): Ruling {
  const against = contrasts.filter((c) => !c.towards).map((c) => c.contrast.short);
  const direction = against.length === 0 ? 'all as predicted' : `against the prediction: ${against.join(', ')}`;
  return { outcome: 'Inconclusive', reason: `direction only (n = 1), ${direction}` };
}

/** The rule itself; `Evidence` in, outcome and reason out. */
export function rule(evidence: Evidence): Ruling {
  const { contrasts } = evidence;
  const absent = contrasts.filter((c) => c.outcome === 'absent');
  if (absent.length > 0) return { outcome: 'Not measured', reason: `absent: ${absent.map((c) => c.contrast.short).join(', ')}` };
  if (contrasts.some((c) => c.outcome === 'one-seed')) return oneSeed(contrasts);
  const blocked = blocks(evidence);
  const against = contradicting(evidence);
  if (against.length > 0) {
    const reason = `${against.map((c) => c.contrast.short).join(', ')} on the other side`;
    if (blocked.length === 0) return { outcome: 'Contradicted', reason };
    return { outcome: 'Inconclusive', reason: [reason, ...blocked].join('; ') };
  }
  const open = contrasts.filter((c) => c.outcome !== 'predicted').map(undecidedReason);
  const reasons = [...open, ...blocked];
  return { outcome: reasons.length === 0 ? 'Supported' : 'Inconclusive', reason: reasons.join('; ') };
}

function judge(place: Place, claim: Claim, checks: readonly AttackCheck[]): ClaimVerdict {
  const contrasts = claim.contrasts.map((c) => evaluateContrast(place, c));
  const beside = claim.contrasts.map((c) => evaluateContrast({ ...place, split: 'test' }, c));
  const controls = claim.controls.map((c) => evaluateControl(place, c, contrasts));
  const failedChecks = checks.filter((c) => c.state === 'failed' && claim.dependsOn.includes(c.training));
  const confidence = place.index.tables.sweep.report.confidence;
  const ns = contrasts.flatMap((c) => c.interval?.n ?? []);
  return {
    claim,
    ...rule({ contrasts, controls, failedChecks, confidence }),
    directionOnly: contrasts.some((c) => c.outcome === 'one-seed'),
    dimmed: failedChecks.length > 0,
    n: ns.length === 0 ? 0 : Math.min(...ns),
    contrasts,
    beside,
    controls,
    failedChecks,
  };
}

/** The verdicts of a sweep, one dataset × architecture at a time and never pooled. */
export function judgeSweep(tables: SweepTables): Verdicts {
  const index = indexTrials(tables);
  const claims = claimsOf(tables.sweep);
  const strata = strataOf(tables.sweep).map((stratum) => {
    const roles = rolesOf(tables.sweep, stratum);
    const place: Place = { index, roles, split: 'train' };
    const checks = attackChecks(place);
    return { stratum, roles, checks, verdicts: claims.map((claim) => judge(place, claim, checks)) };
  });
  return { claims, strata };
}
