/** The claims that a sweep asks its report to judge. */
import { norms } from '../attacks/norm.ts';
import { claimSets } from '../claims.ts';
import type { Sweep } from '../sweep.ts';
import type { Claim } from './claim.ts';
import type { ClaimSet } from './claim-set.ts';

export interface AskedSet {
  readonly set: ClaimSet;
  /** The claims that are asked of this sweep. */
  readonly claims: readonly Claim[];
}

/** Whether the sweep has a training that the claim is about. */
function isAsked(sweep: Sweep, { roles }: ClaimSet, { about }: Claim): boolean {
  if (about === undefined) return true;
  const { fits } = roles.training[about]!;
  return sweep.trainings.some(({ params }) => norms.some((norm) => fits(params, norm)));
}

export const claimSetsOf = (sweep: Sweep): readonly AskedSet[] =>
  sweep.report.claims.map((name) => {
    const set: ClaimSet = claimSets[name];
    return { set, claims: set.claims.filter((claim) => isAsked(sweep, set, claim)) };
  });
