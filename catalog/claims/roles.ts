/** Which entry plays which role in a sweep: per stratum, the first that fits in the order the user wrote. */
import type { ArchitectureParams } from '../architectures.ts';
import type { AttackParams } from '../attacks.ts';
import type { Norm } from '../attacks/norm.ts';
import type { DatasetParams } from '../datasets.ts';
import type { RecipeParams } from '../params.ts';
import type { Epsilon, Named, Sweep } from '../sweep.ts';
import { attacksOf, commonAttacks, normsOf, type CommonAttacks } from './attack-roles.ts';
import { isAboutAttacks, type ClaimSet, type Role } from './claim-set.ts';
import { headlineEpsilon } from './headline-epsilon.ts';

/**
 * The unit in which verdicts are judged separately, never pooled: one value of each axis that no role of the claim set names. The norm is
 * the attack's: budgets in different norms are not comparable, so each norm has its own noise, headline epsilon and training.
 */
export interface Stratum {
  readonly dataset?: string;
  readonly architecture?: string;
  readonly norm?: Norm;
}

/** The finest stratum: the unit of figures, tables and attack checks. */
export type Setting = Required<Stratum>;

type Players<P> = Readonly<Record<string, Named<P>>>;

export interface Roles<S extends Stratum = Stratum> {
  readonly stratum: S;
  readonly datasets: Players<DatasetParams>;
  readonly architectures: Players<ArchitectureParams>;
  readonly trainings: Players<RecipeParams>;
  readonly attacks: CommonAttacks & Readonly<Partial<Record<string, Named<AttackParams>>>>;
  /** The headline epsilon; absent when PGD is not evaluated. */
  readonly epsilon?: Epsilon;
}

const axisValues = <T>(items: readonly Named<T>[], isNamed: boolean): readonly (string | undefined)[] =>
  isNamed ? [undefined] : items.map(({ name }) => name);

/** Has a key only where there is a value. */
const stratumOf = (dataset: string | undefined, architecture: string | undefined, norm: Norm | undefined): Stratum => ({
  ...(dataset === undefined ? {} : { dataset }),
  ...(architecture === undefined ? {} : { architecture }),
  ...(norm === undefined ? {} : { norm }),
});

export function strataOf(sweep: Sweep, set: ClaimSet): readonly Stratum[] {
  const { roles } = set;
  const norms = isAboutAttacks(set) ? normsOf(sweep) : [undefined];
  return axisValues(sweep.datasets, roles.dataset !== undefined).flatMap((dataset) =>
    axisValues(sweep.architectures, roles.architecture !== undefined).flatMap((architecture) =>
      norms.map((norm) => stratumOf(dataset, architecture, norm)),
    ),
  );
}

export const settingsOf = (sweep: Sweep): readonly Setting[] =>
  sweep.datasets.flatMap((d) =>
    sweep.architectures.flatMap((a) => normsOf(sweep).map((norm) => ({ dataset: d.name, architecture: a.name, norm }))),
  );

/** Adversarial training plays a role only where the attack has the norm it was trained against. */
const trainedIn = (recipe: RecipeParams, norm: Norm | undefined): boolean =>
  norm === undefined || recipe.kind !== 'train' || recipe.attack === null || recipe.attack.norm === norm;

function cast<P>(roles: Readonly<Record<string, Role<P>>> = {}, items: readonly Named<P>[], norm: Norm): Players<P> {
  const found = Object.entries(roles).map(([role, { fits }]) => [role, items.find(({ params }) => fits(params, norm))] as const);
  return Object.fromEntries(found.filter((entry): entry is [string, Named<P>] => entry[1] !== undefined));
}

/** The norm in which roles are looked up where only clean data are compared. */
export const usualNorm: Norm = 'linf';

const attacksAndEpsilon = (sweep: Sweep, { norm, ...where }: Stratum): Pick<Roles, 'attacks' | 'epsilon'> => {
  if (norm === undefined) return { attacks: {} };
  const attacks = commonAttacks(sweep, norm);
  const epsilon = headlineEpsilon(sweep, attacks, { ...where, norm });
  return epsilon === undefined ? { attacks } : { attacks, epsilon };
};

export function rolesOf(sweep: Sweep, { roles }: ClaimSet, stratum: Stratum): Roles {
  const norm = stratum.norm ?? usualNorm;
  const common = attacksAndEpsilon(sweep, stratum);
  return {
    ...common,
    stratum,
    datasets: cast(roles.dataset, sweep.datasets, norm),
    architectures: cast(roles.architecture, sweep.architectures, norm),
    trainings: cast(
      roles.training,
      sweep.trainings.filter(({ params }) => trainedIn(params, stratum.norm)),
      norm,
    ),
    attacks: { ...common.attacks, ...cast(roles.attack, attacksOf(sweep), norm) },
  };
}

/** In a setting, every training plays the role of its own name. */
export function settingRoles(sweep: Sweep, setting: Setting): Roles<Setting> {
  const trainings = sweep.trainings.filter(({ params }) => trainedIn(params, setting.norm)).map((t) => [t.name, t] as const);
  return {
    ...attacksAndEpsilon(sweep, setting),
    stratum: setting,
    datasets: {},
    architectures: {},
    trainings: Object.fromEntries(trainings),
  };
}
