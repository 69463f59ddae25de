/** The sets of claims that a report can judge. */
import { norms } from './attacks/norm.ts';
import type { Claim } from './claims/claim.ts';
import type { ClaimSet } from './claims/claim-set.ts';
import { su2023 } from './claims/su2023.ts';
import { byName } from './part.ts';
import type { Sweep } from './sweep.ts';

export const claimSets = byName([su2023]);

export type ClaimSetName = keyof typeof claimSets;
export const claimSetNames = Object.keys(claimSets) as [ClaimSetName, ...ClaimSetName[]];

/** What a report judges that does not say. */
export const usualClaims: readonly ClaimSetName[] = ['su2023'];

export interface AskedSet {
  readonly set: ClaimSet;
  /** Those that are asked of this sweep. */
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
