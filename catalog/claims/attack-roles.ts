/** Which entries play the common attacks in a sweep, per norm. */
import type { AttackParams } from '../attacks.ts';
import { norms, type Norm } from '../attacks/norm.ts';
import type { Named, Sweep } from '../sweep.ts';
import { commonAttackNames, fitsCommon, type CommonAttack, type MainAttacks } from './common-attacks.ts';

export type CommonAttacks = Readonly<Partial<Record<CommonAttack, Named<AttackParams>>>>;

/** Every attack of the sweep, once, in the order the user wrote. */
export const attacksOf = (sweep: Sweep): readonly Named<AttackParams>[] => [
  ...new Map(sweep.grids.flatMap((g) => g.attacks).map((a) => [a.name, a])).values(),
];

export const hasAttacks = (sweep: Sweep): boolean => attacksOf(sweep).some(({ params }) => params.kind !== 'none');

export function commonAttacks(sweep: Sweep, norm: Norm): CommonAttacks {
  const all = attacksOf(sweep);
  const main = (name: 'pgd' | 'adaptive'): MainAttacks => {
    const first = all.find(({ params }) => fitsCommon[name](params, norm, {}));
    return first === undefined ? {} : { [name]: first.params };
  };
  const mains = { ...main('pgd'), ...main('adaptive') };
  const found = commonAttackNames.map((name) => [name, all.find(({ params }) => fitsCommon[name](params, norm, mains))] as const);
  return Object.fromEntries(found.filter(([, attack]) => attack !== undefined));
}

/** The norms in which the sweep attacks the cross-entropy without a target; linf where it attacks nothing. */
export function normsOf(sweep: Sweep): readonly Norm[] {
  const attacked = norms.filter((norm) => attacksOf(sweep).some(({ params }) => fitsCommon.pgd(params, norm, {})));
  return attacked.length === 0 ? ['linf'] : attacked;
}
