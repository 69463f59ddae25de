/** The sets of claims that a report can judge. */
import { fang2021 } from './claims/fang2021.ts';
import { ingrosso2022 } from './claims/ingrosso2022.ts';
import { kothapalli2023 } from './claims/kothapalli2023.ts';
import { pezeshki2021 } from './claims/pezeshki2021.ts';
import { su2023 } from './claims/su2023.ts';
import { byName } from './part.ts';

export const claimSets = byName([su2023, kothapalli2023, pezeshki2021, ingrosso2022, fang2021]);

export type ClaimSetName = keyof typeof claimSets;
export const claimSetNames = Object.keys(claimSets) as [ClaimSetName, ...ClaimSetName[]];

/** The claim sets judged when a sweep does not choose. */
export const usualClaims: readonly ClaimSetName[] = ['su2023'];
