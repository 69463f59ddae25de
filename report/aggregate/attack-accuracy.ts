/** Accuracies under attack side by side: what the checks of attacks compare. */
import { attackOf, attackNorm, isTargeted, type AttackParams, type Perturbing } from '@ncsweep/catalog/attacks';
import { attacksOf } from '@ncsweep/catalog/claims/attack-roles';
import type { Measured, Selector } from '@ncsweep/catalog/claims/claim';
import { clean } from '@ncsweep/catalog/claims/points';
import { parseRational, toNumber } from '@ncsweep/protocol/rational';
import type { Epsilon, Named } from '@ncsweep/catalog/sweep';
import { bySeed, levelOf, lostText, type BySeed } from './by-seed.ts';
import type { Equivalence } from './equivalence.ts';
import { equivalence } from './equivalence.ts';
import { accuracyExcess, judgeEquivalences } from './equivalence-check.ts';
import { formatLevel } from './format.ts';
import { confidenceOf, readAll, type SettingPlace } from './measure.ts';

/** A title where it depends on what ran. */
export interface Judged {
  readonly state: 'passed' | 'failed' | 'not run';
  readonly note: string;
  readonly title?: string;
}

export const notRun = (note: string): Judged => ({ state: 'not run', note });
export const passedIf = (ok: boolean, note: string): Judged => ({ state: ok ? 'passed' : 'failed', note });

/** A role of the setting: a common attack, `clean`, or an attack by its own name (ownRole). */
export type AttackRole = string;

/** An attack of the sweep by its own name, which may be that of a role. */
const ownRole = (name: string): AttackRole => `the attack ${name}`;

/** A place where every attack in the norm of the setting plays a role of its own, besides the common ones. */
export function withOwnRoles(place: SettingPlace): SettingPlace {
  const own = attacksIn(place).map(({ role, attack }) => [role, attack] as const);
  return { ...place, roles: { ...place.roles, attacks: { ...place.roles.attacks, ...Object.fromEntries(own) } } };
}

export interface OwnAttack {
  readonly role: AttackRole;
  readonly attack: Named<Perturbing>;
  /** Whose loss it climbs. */
  readonly climbs: 'network' | 'each layer' | 'nothing';
  readonly isTargeted: boolean;
}

const perturbs = (params: AttackParams): params is Perturbing => params.kind !== 'none';

/** Every attack and noise of the sweep in the norm of the setting, in the order the user wrote. */
export const attacksIn = ({ index, roles }: SettingPlace): readonly OwnAttack[] =>
  attacksOf(index.tables.sweep).flatMap(({ name, params }): OwnAttack[] =>
    perturbs(params) && params.kind !== 'gaussian-noise' && attackNorm(params) === roles.stratum.norm
      ? [
          {
            role: ownRole(name),
            attack: { name, params },
            climbs: attackOf(params).climbs({ ...params }),
            isTargeted: isTargeted(params),
          },
        ]
      : [],
  );

export const at = (training: string, attack: AttackRole): Selector => ({ training, epoch: 'last', attack, layer: 'last' });
export const accuracy = (training: string, attack: AttackRole): Measured => ({ metric: 'accuracy', at: at(training, attack) });
export const size = (e: Epsilon): number => toNumber(parseRational(e.value) ?? { num: 0n, den: 1n });

/** The place at another epsilon. */
const facing = (place: SettingPlace, epsilon: Epsilon): SettingPlace => ({ ...place, roles: { ...place.roles, epsilon } });

/** Every epsilon of the sweep but 0, ascending, with the place there. */
function budgets(place: SettingPlace): readonly Level[] {
  const all = new Map(place.index.tables.sweep.grids.flatMap((g) => g.epsilons).map((e) => [e.value, e]));
  return [...all.values()]
    .filter((e) => e.value !== clean)
    .sort((a, b) => size(a) - size(b))
    .map((epsilon) => ({ epsilon, place: facing(place, epsilon) }));
}

/** Every epsilon at which something was requested under the attack, ascending. */
export const levels = (place: SettingPlace, measured: Measured): readonly Level[] =>
  budgets(place).filter(({ place: there }) => readAll(there, measured).length > 0);

export interface Level {
  readonly epsilon: Epsilon;
  readonly place: SettingPlace;
}

export interface Compared {
  readonly what: string;
  readonly seen: BySeed;
  readonly result: Equivalence | undefined;
}

/** Whether the first accuracy is no higher than the second at one epsilon, seed by seed. */
export function noHigher(
  place: SettingPlace,
  training: string,
  [lower, upper]: readonly [AttackRole, AttackRole],
  what: string,
): Compared {
  const seen = bySeed(place, [accuracy(training, lower), accuracy(training, upper)]);
  return { what, seen, result: equivalence(accuracyExcess(place, seen.rows, [0, 1]), confidenceOf(place)) };
}

/** A lost seed fails the check; if every comparison passes, only a summary is reported. */
export function judged(compared: readonly Compared[], summary: string): Judged | undefined {
  const lost = compared.find((c) => c.seen.lost.length > 0);
  if (lost !== undefined) return { state: 'failed', note: `${lost.what}: ${lostText(lost.seen.lost)}` };
  const check = judgeEquivalences(compared.map(({ what, result }) => ({ what, unit: '', result })));
  if (check === undefined) return undefined;
  if (check.state === 'valid') return { state: 'passed', note: summary };
  const open = compared.filter((c) => c.result?.state !== 'shown').map(({ what, result }) => ({ what, unit: '', result }));
  return { state: check.state === 'few' ? 'not run' : 'failed', note: judgeEquivalences(open.slice(0, 1))?.note ?? summary };
}

export const level = (place: SettingPlace, seen: BySeed, needs: readonly Measured[], i: number): string => {
  const interval = levelOf(place, seen, needs, i);
  return interval === undefined ? '' : formatLevel(interval);
};
