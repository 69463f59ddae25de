/** The attacks that reports and claim sets refer to: which entry plays each role, per norm, and an entry that would. */
import type { AttackParams } from '../attacks.ts';
import type { Norm } from '../attacks/norm.ts';
import { climbedBy } from '../attacks/objective.ts';

export const commonAttackNames = ['pgd', 'noise', 'fgsm', 'adaptive', 'stronger'] as const;

/**
 * - `pgd`: the main attack, the first untargeted PGD on the cross-entropy in its norm.
 * - `noise`: the noise whose largest norm is the attack's epsilon. Gaussian noise with deviation epsilon has that size in neither norm.
 * - `fgsm`: a single step in Linf, and in no other norm.
 * - `adaptive`: PGD against each layer's own nearest-class-mean classifier.
 * - `stronger`: the main attack with more steps or restarts, Auto-PGD with no fewer, or AutoAttack.
 */
export type CommonAttack = (typeof commonAttackNames)[number];

export const isCommonAttack = (name: string): name is CommonAttack => (commonAttackNames as readonly string[]).includes(name);

type Pgd = Extract<AttackParams, { kind: 'pgd' }>;

const isUntargeted = (attack: AttackParams, norm: Norm, objective: Pgd['objective']): attack is Pgd =>
  attack.kind === 'pgd' && attack.norm === norm && attack.objective === objective && attack.target === 'none';

/** Auto-PGD is stronger by its steps too: each adapts. Against several targets it counts as one start. */
function isStronger(attack: AttackParams, norm: Norm, main: Pgd): boolean {
  const more = (steps: number, restarts: number): boolean =>
    steps >= main.steps && restarts >= main.restarts && steps * restarts > main.steps * main.restarts;
  if (attack.kind === 'apgd')
    return attack.norm === norm && climbedBy(attack.objective).climbs === 'network' && more(attack.steps, attack.restarts);
  if (attack.kind === 'autoattack') return attack.norm === norm && more(attack.steps, main.restarts + 1);
  if (attack.kind === 'apgd-t') return attack.norm === norm && more(attack.steps, 1);
  return isUntargeted(attack, norm, 'ce') && more(attack.steps, attack.restarts);
}

const noiseOf: Readonly<Record<Norm, AttackParams['kind']>> = { linf: 'sign-noise', l2: 'sphere-noise' };

/** Whether an attack can play a role, given the main attack. */
export const fitsCommon: Readonly<
  Record<CommonAttack, (attack: AttackParams, norm: Norm, main: AttackParams | undefined) => boolean>
> = {
  pgd: (attack, norm) => isUntargeted(attack, norm, 'ce'),
  noise: ({ kind }, norm) => kind === noiseOf[norm],
  fgsm: (attack, norm) => norm === 'linf' && attack.kind === 'fgsm' && attack.target === 'none',
  adaptive: (attack, norm) => isUntargeted(attack, norm, 'ncc'),
  stronger: (attack, norm, main) => main?.kind === 'pgd' && isStronger(attack, norm, main),
};

const step: Readonly<Record<Norm, string>> = { linf: 'eps/4', l2: '15/128*eps' };
/** Names of attacks in Linf, the usual norm, have no suffix. */
export const normSuffix: Readonly<Record<Norm, string>> = { linf: '', l2: '-l2' };

const pgdYaml = (name: string, more: string, steps: number, norm: Norm): string =>
  `{name: ${name}${normSuffix[norm]}, kind: pgd,${more} norm: ${norm}, steps: ${steps}, stepSize: ${step[norm]}, randomStart: true}`;

/** An entry for a grid's attacks that would play the role. */
export const commonAttackYaml: Readonly<Record<CommonAttack, (norm: Norm) => string>> = {
  pgd: (norm) => pgdYaml('pgd10', '', 10, norm),
  noise: (norm) => ({ linf: '{name: sign, kind: sign-noise}', l2: '{name: sphere, kind: sphere-noise}' })[norm],
  fgsm: () => '{name: fgsm, kind: fgsm}',
  adaptive: (norm) => pgdYaml('ncc-pgd10', ' objective: ncc,', 10, norm),
  stronger: (norm) => pgdYaml('pgd100', ' restarts: 2,', 100, norm),
};
