/** The attacks that reports and claim sets refer to: which entry plays each role, per norm, and an entry that would. */
import type { AttackParams } from '../attacks.ts';
import type { Norm } from '../attacks/norm.ts';
import { climbedBy } from '../attacks/objective.ts';

export const commonAttackNames = [
  'pgd',
  'noise',
  'fgsm',
  'adaptive',
  'adaptive-scale-free',
  'adaptive-stronger',
  'stronger',
  'gradient-free',
] as const;

/**
 * - `pgd`: the main attack, the first untargeted PGD on the cross-entropy in its norm.
 * - `noise`: the noise whose largest norm is the attack's epsilon. Gaussian noise with deviation epsilon has that size in neither norm.
 * - `fgsm`: a single step in Linf, and in no other norm.
 * - `adaptive`: PGD on the cross-entropy of each layer's own nearest-class-mean classifier.
 * - `adaptive-scale-free`: PGD or Auto-PGD on the difference of logits ratio of the same classifiers, with no fewer steps and restarts. Where
 *   the cross-entropy has no gradient left, the ratio still has.
 * - `adaptive-stronger`: the adaptive attack with more steps or restarts, or Auto-PGD with no fewer.
 * - `stronger`: the main attack with more steps or restarts, Auto-PGD with no fewer, or AutoAttack.
 * - `gradient-free`: a random search that looks at the logits only.
 */
export type CommonAttack = (typeof commonAttackNames)[number];

export const isCommonAttack = (name: string): name is CommonAttack => (commonAttackNames as readonly string[]).includes(name);

type Pgd = Extract<AttackParams, { kind: 'pgd' }>;

const isUntargeted = (attack: AttackParams, norm: Norm, objective: Pgd['objective']): attack is Pgd =>
  attack.kind === 'pgd' && attack.norm === norm && attack.objective === objective && attack.target === 'none';

type Effort = Pick<Pgd, 'steps' | 'restarts'>;

const noLess = (attack: Effort, main: Effort): boolean => attack.steps >= main.steps && attack.restarts >= main.restarts;
const more = (attack: Effort, main: Effort): boolean =>
  noLess(attack, main) && attack.steps * attack.restarts > main.steps * main.restarts;

/** Auto-PGD is stronger by its steps too: each adapts. Against several targets it counts as one start. */
function isStronger(attack: AttackParams, norm: Norm, main: Pgd): boolean {
  if (attack.kind === 'apgd')
    return attack.norm === norm && climbedBy(attack.objective).climbs === 'network' && more(attack, main);
  if (attack.kind === 'autoattack')
    return attack.norm === norm && more({ steps: attack.steps, restarts: main.restarts + 1 }, main);
  if (attack.kind === 'apgd-t') return attack.norm === norm && more({ steps: attack.steps, restarts: 1 }, main);
  return isUntargeted(attack, norm, 'ce') && more(attack, main);
}

const isAdaptiveStronger = (attack: AttackParams, norm: Norm, main: Pgd): boolean =>
  attack.kind === 'apgd'
    ? attack.norm === norm && attack.objective === 'ncc' && noLess(attack, main)
    : isUntargeted(attack, norm, 'ncc') && more(attack, main);

const isScaleFree = (attack: AttackParams, norm: Norm, main: Pgd): boolean =>
  attack.kind === 'apgd'
    ? attack.norm === norm && attack.objective === 'ncc-dlr' && noLess(attack, main)
    : isUntargeted(attack, norm, 'ncc-dlr') && noLess(attack, main);

const noiseOf: Readonly<Record<Norm, AttackParams['kind']>> = { linf: 'sign-noise', l2: 'sphere-noise' };

/** The attacks that others are compared with: on the network's loss, and on that of each layer. */
export type MainAttacks = Readonly<Partial<Record<'pgd' | 'adaptive', AttackParams>>>;

/** Whether an attack can play a role, given the main attacks. */
export const fitsCommon: Readonly<Record<CommonAttack, (attack: AttackParams, norm: Norm, mains: MainAttacks) => boolean>> = {
  pgd: (attack, norm) => isUntargeted(attack, norm, 'ce'),
  noise: ({ kind }, norm) => kind === noiseOf[norm],
  fgsm: (attack, norm) => norm === 'linf' && attack.kind === 'fgsm' && attack.target === 'none',
  adaptive: (attack, norm) => isUntargeted(attack, norm, 'ncc'),
  'adaptive-scale-free': (attack, norm, { adaptive }) => adaptive?.kind === 'pgd' && isScaleFree(attack, norm, adaptive),
  'adaptive-stronger': (attack, norm, { adaptive }) => adaptive?.kind === 'pgd' && isAdaptiveStronger(attack, norm, adaptive),
  stronger: (attack, norm, { pgd }) => pgd?.kind === 'pgd' && isStronger(attack, norm, pgd),
  'gradient-free': (attack, norm) => attack.kind === 'square' && attack.norm === norm,
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
  'adaptive-scale-free': (norm) =>
    `{name: ncc-dlr-apgd20${normSuffix[norm]}, kind: apgd, objective: ncc-dlr, norm: ${norm}, steps: 20}`,
  'adaptive-stronger': (norm) => pgdYaml('ncc-pgd40x2', ' objective: ncc, restarts: 2,', 40, norm),
  stronger: (norm) => pgdYaml('pgd100', ' restarts: 2,', 100, norm),
  'gradient-free': (norm) => `{name: square${normSuffix[norm]}, kind: square, norm: ${norm}, queries: 1000}`,
};
