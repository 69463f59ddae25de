/** Which claims a sweep can decide, judged from its spec alone, before anything runs. */
import type { Sweep } from '../sweep.ts';
import { claimSetsOf, type AskedSet } from './asked-sets.ts';
import { measuredBy, selectorsOf, type Claim, type Selector } from './claim.ts';
import type { ClaimSet } from './claim-set.ts';
import { missingMetric, missingYaml } from './missing-yaml.ts';
import { holds, tellingSeeds } from './points.ts';
import { rolesOf, strataOf, type Roles } from './roles.ts';
import { architectureAt, datasetAt, pointsOf } from './select.ts';

export interface Decidable {
  readonly set: string;
  readonly claim: number;
  readonly title: string;
  /** Every contrast and control is measured for at least `fewestSeeds` seeds in at least one stratum. */
  readonly decidable: boolean;
  /** YAML to add, one entry per line; empty when decidable. */
  readonly missing: readonly string[];
  /** Number of seeds, datasets and architectures for which it is decidable. */
  readonly seeds: number;
  readonly datasets: number;
  readonly architectures: number;
}

export const covered = (sweep: Sweep, roles: Roles, selector: Selector, seed: number): boolean =>
  pointsOf(sweep, roles, selector, seed)?.every((point) => holds(sweep, point)) ?? false;

/** The selectors of a claim that the sweep does not cover for a seed. */
function missingSelectors(sweep: Sweep, roles: Roles, claim: Claim, seed: number): readonly Selector[] {
  const missing = selectorsOf(claim).filter((selector) => !covered(sweep, roles, selector, seed));
  return [...new Map(missing.map((s) => [JSON.stringify(s), s])).values()];
}

/** Fewest seeds that decide a claim: one has no spread, and two cannot tell spread from chance. */
export const fewestSeeds = 3;

interface Open {
  readonly roles: Roles;
  readonly missing: readonly (readonly Selector[])[];
  readonly seeds: number;
}

/** Number of distinct names that the decidable strata read. */
const counted = (open: readonly Open[], claim: Claim, nameAt: (roles: Roles, selector: Selector) => string | undefined): number =>
  new Set(open.flatMap(({ roles }) => selectorsOf(claim).map((selector) => nameAt(roles, selector)))).size;

function decide(sweep: Sweep, set: ClaimSet, claim: Claim): Decidable {
  const all = strataOf(sweep, set).map((stratum): Open => {
    const roles = rolesOf(sweep, set, stratum);
    const telling = tellingSeeds(sweep);
    const missing = telling.map((seed) => missingSelectors(sweep, roles, claim, seed));
    const open = missing.filter((m) => m.length === 0).length;
    return { roles, missing, seeds: telling.length === sweep.seeds.length ? open : open * sweep.seeds.length };
  });
  const unmeasured = measuredBy(claim).flatMap(({ metric }) => missingMetric(sweep, metric) ?? []);
  const open = unmeasured.length > 0 ? [] : all.filter((s) => s.seeds >= fewestSeeds);
  const nearest = [...all].sort((a, b) => b.seeds - a.seeds)[0];
  const selectors = open.length > 0 ? [] : (nearest?.missing.flat() ?? []);
  const seeds = open.length === 0 && sweep.seeds.length < fewestSeeds ? [`seed: [1..${fewestSeeds}]`] : [];
  const points = nearest === undefined ? [] : selectors.map((s) => missingYaml(set, sweep, nearest.roles, s));
  return {
    set: set.name,
    claim: claim.number,
    title: claim.title,
    decidable: open.length > 0,
    missing: [...new Set([...seeds, ...unmeasured, ...points])],
    seeds: open.length === 0 ? 0 : Math.min(...open.map((s) => s.seeds)),
    datasets: counted(open, claim, (roles, selector) => datasetAt(sweep, roles, selector)?.name),
    architectures: counted(open, claim, (roles, selector) => architectureAt(sweep, roles, selector)?.name),
  };
}

export const decideSet = (sweep: Sweep, { set, claims }: AskedSet): readonly Decidable[] =>
  claims.map((claim) => decide(sweep, set, claim));

export const decidableClaims = (sweep: Sweep): readonly Decidable[] =>
  claimSetsOf(sweep).flatMap((asked) => decideSet(sweep, asked));
