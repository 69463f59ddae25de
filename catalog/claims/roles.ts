/** Who plays which role in a sweep: the first fitting name in the order the user wrote, per dataset × architecture × norm of the attack. */
import { networkLayers } from '../architectures.ts';
import type { AttackParams } from '../attacks.ts';
import type { Norm } from '../attacks/norm.ts';
import type { RecipeParams } from '../params.ts';
import { compareRational, parseRational } from '@ncsweep/protocol/rational';
import type { Epsilon, Named, Sweep } from '../sweep.ts';
import type { AttackRole, Selector, TrainingRole } from './claim.ts';
import { clean, epochsAsked, holds, type Point } from './points.ts';
import { lastEpoch } from '../params.ts';

/** Where verdicts are judged apart, never pooled. */
export interface Stratum {
  readonly dataset: string;
  readonly architecture: string;
  /** Of the attack: budgets of two norms do not compare, so that each norm has its own noise, headline epsilon and training. */
  readonly norm: Norm;
}

export interface Roles {
  readonly stratum: Stratum;
  readonly trainings: Readonly<Partial<Record<TrainingRole, Named<RecipeParams>>>>;
  readonly attacks: Readonly<Partial<Record<AttackRole, Named<AttackParams>>>>;
  /** The headline epsilon of attacks and noise; absent when no attack is evaluated. */
  readonly epsilon?: Epsilon;
}

/** The norms in which the sweep attacks the cross-entropy without a target; linf where it attacks nothing. */
export function normsOf(sweep: Sweep): readonly Norm[] {
  const attacked = (['linf', 'l2'] as const).filter((norm) =>
    sweep.grids.some((g) => g.attacks.some((a) => untargeted(a, norm, 'ce'))),
  );
  return attacked.length === 0 ? ['linf'] : attacked;
}

export const strataOf = (sweep: Sweep): readonly Stratum[] =>
  sweep.datasets.flatMap((d) =>
    sweep.architectures.flatMap((a) => normsOf(sweep).map((norm) => ({ dataset: d.name, architecture: a.name, norm }))),
  );

export function trainingRole(recipe: RecipeParams): TrainingRole | undefined {
  if (recipe.kind === 'import') return undefined;
  if (recipe.loss === 'trades') return 'TRADES';
  return recipe.attack === null ? 'ST' : 'AT';
}

type Pgd = Extract<AttackParams, { kind: 'pgd' }>;
const untargeted = (attack: Named<AttackParams>, norm: Norm, objective: Pgd['objective']): boolean =>
  attack.params.kind === 'pgd' &&
  attack.params.norm === norm &&
  attack.params.objective === objective &&
  attack.params.target === 'none';

/** The noise whose largest norm is the attack's epsilon. Gaussian noise of deviation epsilon is of neither norm's size and plays no role. */
const noiseOf: Readonly<Record<Norm, AttackParams['kind']>> = { linf: 'sign-noise', l2: 'sphere-noise' };

/** The main PGD is the first untargeted one on the cross-entropy in the stratum's norm. FGSM is a step of Linf. */
function attackRoles(sweep: Sweep, norm: Norm): Roles['attacks'] {
  const all = [...new Map(sweep.grids.flatMap((g) => g.attacks).map((a) => [a.name, a])).values()];
  const first = (test: (a: Named<AttackParams>) => boolean): Named<AttackParams> | undefined => all.find(test);
  const pgd = first((a) => untargeted(a, norm, 'ce'));
  const main = pgd?.params as Pgd | undefined;
  const found: Partial<Record<AttackRole, Named<AttackParams> | undefined>> = {
    pgd,
    noise: first((a) => a.params.kind === noiseOf[norm]),
    fgsm: norm === 'linf' ? first((a) => a.params.kind === 'fgsm' && a.params.target === 'none') : undefined,
    adaptive: first((a) => untargeted(a, norm, 'ncc')),
    stronger: first((a) => main !== undefined && untargeted(a, norm, 'ce') && isStronger(a.params as Pgd, main)),
  };
  return Object.fromEntries(Object.entries(found).filter(([, a]) => a !== undefined));
}

const isStronger = (a: Pgd, b: Pgd): boolean =>
  a.steps >= b.steps && a.restarts >= b.restarts && a.steps * a.restarts > b.steps * b.restarts;

/** The budgets of the paper's own attacks. */
export const usualEpsilon: Readonly<Record<Norm, string>> = { linf: '8/255', l2: '128/255' };

/**
 * The headline epsilon: that of adversarial training in this norm when PGD is evaluated there, else the paper's, else the largest at which
 * both PGD and noise are evaluated, else the largest at which PGD is.
 */
function headlineEpsilon(sweep: Sweep, roles: Omit<Roles, 'epsilon'>): Epsilon | undefined {
  const epsilons = sweep.grids.flatMap((g) => g.epsilons).filter((e) => e.value !== clean);
  const evaluated = (role: AttackRole, e: Epsilon): boolean =>
    (['ST', 'AT', 'TRADES'] as const).some((training) =>
      sweep.seeds.some((seed) =>
        pointsOf(sweep, { ...roles, epsilon: e }, { training, epoch: 'last', attack: role, layer: 'last' }, seed)?.every((p) =>
          holds(sweep, p),
        ),
      ),
    );
  const attacked = epsilons.filter((e) => evaluated('pgd', e));
  const recipe = roles.trainings.AT?.params;
  const trained = recipe?.kind === 'train' ? recipe.attack?.epsilon : undefined;
  const noisy = attacked.filter((e) => evaluated('noise', e));
  return (
    attacked.find((e) => e.value === trained) ??
    attacked.find((e) => e.value === usualEpsilon[roles.stratum.norm]) ??
    largest(noisy) ??
    largest(attacked)
  );
}

function largest(epsilons: readonly Epsilon[]): Epsilon | undefined {
  const size = (e: Epsilon) => parseRational(e.value) ?? { num: 0n, den: 1n };
  return [...epsilons].sort((a, b) => compareRational(size(b), size(a)))[0];
}

/** Adversarial training plays its role where the attack has the norm it was trained against. */
const trainedIn = (recipe: RecipeParams, norm: Norm): boolean =>
  recipe.kind !== 'train' || recipe.attack === null || recipe.attack.norm === norm;

export function rolesOf(sweep: Sweep, stratum: Stratum): Roles {
  const trainings: Partial<Record<TrainingRole, Named<RecipeParams>>> = {};
  for (const training of sweep.trainings) {
    const role = trainingRole(training.params);
    if (role !== undefined && trainedIn(training.params, stratum.norm)) trainings[role] ??= training;
  }
  const roles = { stratum, trainings, attacks: attackRoles(sweep, stratum.norm) };
  const epsilon = headlineEpsilon(sweep, roles);
  return epsilon === undefined ? roles : { ...roles, epsilon };
}

/** The points a selector stands for, one a layer; undefined when a role is not filled. Whether the sweep holds them is another question. */
export function pointsOf(sweep: Sweep, roles: Roles, selector: Selector, seed: number): readonly Point[] | undefined {
  const training = roles.trainings[selector.training];
  const architecture = sweep.architectures.find((a) => a.name === roles.stratum.architecture);
  const isClean = selector.attack === 'clean';
  const attack = isClean ? 'none' : roles.attacks[selector.attack]?.name;
  const epsilon = isClean ? clean : roles.epsilon?.value;
  if (training === undefined || architecture === undefined || attack === undefined || epsilon === undefined) return undefined;
  const layers = networkLayers(architecture.params).map((l) => l.name);
  const at = (epoch: number, layer: string): Point => ({
    dataset: roles.stratum.dataset,
    architecture: roles.stratum.architecture,
    training: training.name,
    seed,
    epoch,
    attack,
    epsilon,
    layer,
    pooling: 'flatten',
    split: 'train',
    labels: 'given',
  });
  const last = layers.at(-1) ?? 'input';
  const evaluated = (epoch: number): boolean => holds(sweep, at(epoch, last));
  const epoch = epochOf(sweep, selector, training.params, evaluated);
  const wanted = selector.layer === 'last' ? [last] : selector.layer === 'input' ? ['input'] : layers.slice(1);
  return wanted.map((layer) => at(epoch, layer));
}

function epochOf(sweep: Sweep, selector: Selector, recipe: RecipeParams, evaluated: (epoch: number) => boolean): number {
  const last = lastEpoch(recipe);
  if (selector.epoch === 'untrained') return 0;
  if (selector.epoch === 'last') return last;
  return epochsAsked(sweep, recipe).find((e) => e >= 1 && e < last && evaluated(e)) ?? 0;
}
