/** The verdict of a claim: a pure function of its contrasts, controls and attack checks, fixed before any result (docs/verdicts.md). */
import { claimSetsOf, type AskedSet } from '@ncsweep/catalog/claims/asked-sets';
import { selectorsOf, sidesOf, type Claim } from '@ncsweep/catalog/claims/claim';
import {
  rolesOf,
  settingRoles,
  settingsOf,
  strataOf,
  type Roles,
  type Setting,
  type Stratum,
} from '@ncsweep/catalog/claims/roles';
import { architectureAt, datasetAt } from '@ncsweep/catalog/claims/select';
import type { SweepTables } from '@ncsweep/catalog/sweep-tables';
import { attackChecks, type AttackCheck } from './attack-check.ts';
import { lostText } from './by-seed.ts';
import { evaluateContrast, type ContrastResult } from './contrast.ts';
import { evaluateControl, type ControlResult } from './control.ts';
import type { ClaimPlace } from './measure.ts';
import { indexTrials, type TrialIndex } from './trial-index.ts';

export type Outcome = 'Supported' | 'Contradicted' | 'Inconclusive' | 'Not measured';

export interface ClaimVerdict {
  readonly claim: Claim;
  readonly outcome: Outcome;
  /** What prevents a stronger outcome; empty when supported without reservation. */
  readonly reason: string;
  /** Whether there are fewer than three seeds: then only a direction is shown, which decides nothing. */
  readonly directionOnly: boolean;
  /** Whether an attack check failed; the verdict is then shown dimmed. */
  readonly dimmed: boolean;
  /** Independently trained models behind the contrast that has the fewest. */
  readonly n: number;
  readonly contrasts: readonly ContrastResult[];
  /** The same contrasts on the test split, for comparison; they decide nothing. Undefined where a contrast names its own split. */
  readonly beside: readonly (ContrastResult | undefined)[];
  readonly controls: readonly ControlResult[];
  readonly failedChecks: readonly AttackCheck[];
}

export interface StratumVerdicts {
  readonly stratum: Stratum;
  readonly roles: Roles;
  /** In the order of the set's claims. */
  readonly verdicts: readonly ClaimVerdict[];
}

export interface SetVerdicts extends AskedSet {
  readonly strata: readonly StratumVerdicts[];
}

/** The attack checks, which apply whatever is claimed. */
export interface SettingChecks {
  readonly stratum: Setting;
  readonly roles: Roles<Setting>;
  readonly checks: readonly AttackCheck[];
}

export interface Verdicts {
  readonly settings: readonly SettingChecks[];
  readonly sets: readonly SetVerdicts[];
}

export interface Evidence {
  readonly contrasts: readonly ContrastResult[];
  readonly controls: readonly ControlResult[];
  readonly failedChecks: readonly AttackCheck[];
}

interface Ruling {
  readonly outcome: Outcome;
  readonly reason: string;
}

/** What rules out a decided verdict: a control that is absent or failed, or an attack that fails its check. */
function blocks({ controls, failedChecks }: Evidence): readonly string[] {
  return [
    ...controls.filter((c) => c.state !== 'valid').map((c) => c.note),
    ...failedChecks.map((c) => `attack check failed for ${c.training}: ${c.title.toLowerCase()} (${c.note})`),
  ];
}

const seedsText = (n: number): string => (n === 1 ? 'n = 1' : `n = ${n}: two seeds cannot tell spread from chance`);

function undecidedReason(result: ContrastResult): string {
  const { contrast, seedsNeeded, lost, looks } = result;
  if (lost.length > 0) return `${contrast.short}: ${lostText(lost)}`;
  if (contrast.reduction === 'any-layer' && result.towards)
    return `${contrast.short}: none of ${looks} layers, looked at together, is certain`;
  if (!result.towards) return `${contrast.short} is not on the predicted side`;
  const seeds = seedsNeeded === undefined ? '' : `; about ${seedsNeeded} seeds would decide`;
  return `${contrast.short}: interval includes no difference${seeds}`;
}

function fewSeeds(contrasts: readonly ContrastResult[]): Ruling {
  const fewest = Math.min(...contrasts.flatMap((c) => c.interval?.n ?? []));
  const against = contrasts.filter((c) => !c.towards).map((c) => c.contrast.short);
  const direction = against.length === 0 ? 'all as predicted' : `against the prediction: ${against.join(', ')}`;
  const lost = [...new Map(contrasts.flatMap((c) => c.lost).map((l) => [l.seed, l])).values()];
  const gone = lost.length === 0 ? '' : `; ${lostText(lost)}`;
  return { outcome: 'Inconclusive', reason: `direction only (${seedsText(fewest)}), ${direction}${gone}` };
}

/** The rule itself: `Evidence` in, outcome and reason out. */
export function rule(evidence: Evidence): Ruling {
  const { contrasts } = evidence;
  const absent = contrasts.filter((c) => c.outcome === 'absent');
  if (absent.length > 0) return { outcome: 'Not measured', reason: `absent: ${absent.map((c) => c.contrast.short).join(', ')}` };
  if (contrasts.some((c) => c.outcome === 'few-seeds')) return fewSeeds(contrasts);
  const blocked = blocks(evidence);
  const against = contrasts.filter((c) => c.contrast.required && c.outcome === 'opposite');
  if (against.length > 0) {
    const reason = `${against.map((c) => c.contrast.short).join(', ')} on the other side`;
    if (blocked.length === 0) return { outcome: 'Contradicted', reason };
    return { outcome: 'Inconclusive', reason: [reason, ...blocked].join('; ') };
  }
  const open = contrasts.filter((c) => c.outcome !== 'predicted').map(undecidedReason);
  const reasons = [...open, ...blocked];
  return { outcome: reasons.length === 0 ? 'Supported' : 'Inconclusive', reason: reasons.join('; ') };
}

/** All contrasts of a claim at one place. Any required one can contradict the claim, so those on the other side are tested jointly. */
function contrastsAt(place: ClaimPlace, claim: Claim): readonly ContrastResult[] {
  const against = claim.contrasts.filter((c) => c.required).length;
  return claim.contrasts.map((c) => evaluateContrast(place, c, against));
}

function besideAt(place: ClaimPlace, claim: Claim): ClaimVerdict['beside'] {
  const named = claim.contrasts.map((c) => sidesOf(c).every(({ at }) => at.split !== undefined));
  return contrastsAt({ ...place, split: 'test' }, claim).map((result, i) => (named[i] === true ? undefined : result));
}

/** The failed checks of the attacks whose data the claim reads: those of all attacks, and those of an attack that it reads itself. */
function failedChecksOf({ index, roles }: ClaimPlace, claim: Claim, settings: readonly SettingChecks[]): readonly AttackCheck[] {
  const { sweep } = index.tables;
  const attacked = selectorsOf(claim)
    .filter(({ attack }) => attack !== 'clean')
    .map((selector) => ({
      dataset: datasetAt(sweep, roles, selector)?.name,
      architecture: architectureAt(sweep, roles, selector)?.name,
      training: roles.trainings[selector.training]?.name,
      attack: roles.attacks[selector.attack]?.name ?? '',
    }));
  return settings.flatMap(({ stratum: { dataset, architecture, norm }, checks }) =>
    checks.filter(
      ({ state, training, attacks }) =>
        state === 'failed' &&
        norm === roles.stratum.norm &&
        attacked.some(
          (a) =>
            a.dataset === dataset &&
            a.architecture === architecture &&
            a.training === training &&
            (attacks?.includes(a.attack) ?? true),
        ),
    ),
  );
}

function judge(place: ClaimPlace, claim: Claim, settings: readonly SettingChecks[]): ClaimVerdict {
  const contrasts = contrastsAt(place, claim);
  const controls = claim.controls.map((c) => evaluateControl(place, c, contrasts));
  const failedChecks = failedChecksOf(place, claim, settings);
  const ns = contrasts.flatMap((c) => c.interval?.n ?? []);
  return {
    claim,
    ...rule({ contrasts, controls, failedChecks }),
    directionOnly: contrasts.some((c) => c.outcome === 'few-seeds'),
    dimmed: failedChecks.length > 0,
    n: ns.length === 0 ? 0 : Math.min(...ns),
    contrasts,
    beside: besideAt(place, claim),
    controls,
    failedChecks,
  };
}

function judgeSet(index: TrialIndex, { set, claims }: AskedSet, settings: readonly SettingChecks[]): SetVerdicts {
  const strata = strataOf(index.tables.sweep, set).map((stratum) => {
    const roles = rolesOf(index.tables.sweep, set, stratum);
    const place: ClaimPlace = { index, roles, set, split: 'train' };
    return { stratum, roles, verdicts: claims.map((claim) => judge(place, claim, settings)) };
  });
  return { set, claims, strata };
}

/** The verdicts of a sweep: per claim set and stratum, never pooled. */
export const judgeSweep = (tables: SweepTables): Verdicts => judgeSets(tables, claimSetsOf(tables.sweep));

export function judgeSets(tables: SweepTables, asked: readonly AskedSet[]): Verdicts {
  const { sweep } = tables;
  const index = indexTrials(tables);
  const settings = settingsOf(sweep).map((stratum) => {
    const roles = settingRoles(sweep, stratum);
    return { stratum, roles, checks: attackChecks({ index, roles, split: 'train' }) };
  });
  return { settings, sets: asked.map((each) => judgeSet(index, each, settings)) };
}
