/** Who plays which role in a sweep: the first fitting name in the order the user wrote, per dataset × architecture. */
import { networkLayers } from '../architectures.ts';
import type { AttackParams, RecipeParams } from '../params.ts';
import { compareRational, parseRational } from '@ncsweep/protocol/rational';
import type { Epsilon, Named, Sweep } from '../sweep.ts';
import type { AttackRole, Selector, TrainingRole } from './claim.ts';
import { clean, epochsAsked, holds, lastEpoch, type Point } from './points.ts';

export interface Stratum {
  readonly dataset: string;
  readonly architecture: string;
}

export interface Roles {
  readonly stratum: Stratum;
  readonly trainings: Readonly<Partial<Record<TrainingRole, Named<RecipeParams>>>>;
  readonly attacks: Readonly<Partial<Record<AttackRole, Named<AttackParams>>>>;
  /** The headline epsilon of attacks and noise; absent when no attack is evaluated. */
  readonly epsilon?: Epsilon;
}

export const strataOf = (sweep: Sweep): readonly Stratum[] =>
  sweep.datasets.flatMap((d) => sweep.architectures.map((a) => ({ dataset: d.name, architecture: a.name })));

export function trainingRole(recipe: RecipeParams): TrainingRole | undefined {
  if (recipe.kind === 'import') return undefined;
  if (recipe.loss === 'trades') return 'TRADES';
  return recipe.attack === null ? 'ST' : 'AT';
}

type Pgd = Extract<AttackParams, { kind: 'pgd' }>;
const untargeted = (attack: Named<AttackParams>, norm: Pgd['norm'], objective: Pgd['objective']): boolean =>
  attack.params.kind === 'pgd' &&
  attack.params.norm === norm &&
  attack.params.objective === objective &&
  attack.params.target === 'none';

/** The main PGD is the first untargeted one on the cross-entropy in the norm of adversarial training (linf without one). */
function attackRoles(sweep: Sweep, norm: Pgd['norm']): Roles['attacks'] {
  const all = [...new Map(sweep.grids.flatMap((g) => g.attacks).map((a) => [a.name, a])).values()];
  const first = (test: (a: Named<AttackParams>) => boolean): Named<AttackParams> | undefined => all.find(test);
  const pgd = first((a) => untargeted(a, norm, 'ce'));
  const main = pgd?.params as Pgd | undefined;
  const noises = norm === 'linf' ? (['sign-noise', 'gaussian-noise'] as const) : (['gaussian-noise', 'sign-noise'] as const);
  const found: Partial<Record<AttackRole, Named<AttackParams> | undefined>> = {
    pgd,
    noise: first((a) => a.params.kind === noises[0]) ?? first((a) => a.params.kind === noises[1]),
    fgsm: first((a) => a.params.kind === 'fgsm' && a.params.target === 'none'),
    adaptive: first((a) => untargeted(a, norm, 'ncc')),
    stronger: first((a) => main !== undefined && untargeted(a, norm, 'ce') && isStronger(a.params as Pgd, main)),
  };
  return Object.fromEntries(Object.entries(found).filter(([, a]) => a !== undefined));
}

const isStronger = (a: Pgd, b: Pgd): boolean =>
  a.steps >= b.steps && a.restarts >= b.restarts && a.steps * a.restarts > b.steps * b.restarts;

/**
 * The headline epsilon: that of adversarial training when PGD is evaluated there, else 8/255, else the largest at which both PGD
 * and noise are evaluated, else the largest at which PGD is.
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
    attacked.find((e) => e.value === trained) ?? attacked.find((e) => e.value === '8/255') ?? largest(noisy) ?? largest(attacked)
  );
}

function largest(epsilons: readonly Epsilon[]): Epsilon | undefined {
  const size = (e: Epsilon) => parseRational(e.value) ?? { num: 0n, den: 1n };
  return [...epsilons].sort((a, b) => compareRational(size(b), size(a)))[0];
}

export function rolesOf(sweep: Sweep, stratum: Stratum): Roles {
  const trainings: Partial<Record<TrainingRole, Named<RecipeParams>>> = {};
  for (const training of sweep.trainings) {
    const role = trainingRole(training.params);
    if (role !== undefined) trainings[role] ??= training;
  }
  const at = trainings.AT?.params;
  const norm = (at?.kind === 'train' ? at.attack?.norm : undefined) ?? 'linf';
  const roles = { stratum, trainings, attacks: attackRoles(sweep, norm) };
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
    ...roles.stratum,
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
