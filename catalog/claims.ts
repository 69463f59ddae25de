/** Which claims a sweep can decide, answered from its spec alone, before anything runs. */
import type { AttackRole, Claim, EpochRole, LayerRole, Selector, TrainingRole } from './claims/claim.ts';
import { missingYaml } from './claims/missing-yaml.ts';
import { holds } from './claims/points.ts';
import type { Norm } from './attacks/norm.ts';
import { normsOf, pointsOf, rolesOf, strataOf, trainingRole, type Roles } from './claims/roles.ts';
import { su2023 } from './claims/su2023.ts';
import type { Sweep } from './sweep.ts';

export interface Decidable {
  readonly claim: number;
  readonly title: string;
  /** Every contrast and control is measured in at least one stratum and seed. */
  readonly decidable: boolean;
  /** YAML to add, one entry a line; empty when decidable. */
  readonly missing: readonly string[];
  /** Seeds, datasets and architectures in which it is decidable. */
  readonly seeds: number;
  readonly datasets: number;
  readonly architectures: number;
}

/** Everything that the judge of a claim reads: its contrasts, and the controls without which it decides nothing. */
const selectorsOf = (claim: Claim): readonly Selector[] => [
  ...claim.contrasts.flatMap(({ left, right }) => ('at' in right ? [left.at, right.at] : [left.at])),
  ...claim.controls.flatMap(({ needs }) => needs.map(({ at }) => at)),
];

const covered = (sweep: Sweep, roles: Roles, selector: Selector, seed: number): boolean =>
  pointsOf(sweep, roles, selector, seed)?.every((point) => holds(sweep, point)) ?? false;

/** The selectors of a claim that the sweep does not hold for a seed. */
function missingSelectors(sweep: Sweep, roles: Roles, claim: Claim, seed: number): readonly Selector[] {
  const missing = selectorsOf(claim).filter((selector) => !covered(sweep, roles, selector, seed));
  return [...new Map(missing.map((s) => [JSON.stringify(s), s])).values()];
}

/** Seeds below which a claim is not decided: one has no spread, and two cannot tell spread from chance. */
export const fewestSeeds = 3;

function decide(sweep: Sweep, claim: Claim): Decidable {
  const all = strataOf(sweep).map((stratum) => {
    const roles = rolesOf(sweep, stratum);
    const missing = sweep.seeds.map((seed) => missingSelectors(sweep, roles, claim, seed));
    return { stratum, roles, missing, seeds: missing.filter((m) => m.length === 0).length };
  });
  const open = all.filter((s) => s.seeds >= fewestSeeds);
  const nearest = [...all].sort((a, b) => b.seeds - a.seeds)[0];
  const selectors = open.length > 0 ? [] : (nearest?.missing.flat() ?? []);
  const seeds = open.length === 0 && sweep.seeds.length < fewestSeeds ? [`seed: [1..${fewestSeeds}]`] : [];
  return {
    claim: claim.number,
    title: claim.title,
    decidable: open.length > 0,
    missing: [...new Set([...seeds, ...(nearest === undefined ? [] : selectors.map((s) => missingYaml(s, nearest.roles)))])],
    seeds: open.length === 0 ? 0 : Math.min(...open.map((s) => s.seeds)),
    datasets: new Set(open.map((s) => s.stratum.dataset)).size,
    architectures: new Set(open.map((s) => s.stratum.architecture)).size,
  };
}

/** The claims of the sweep's report that are about its trainings, or none when it asks for none. */
export const claimsOf = (sweep: Sweep): readonly Claim[] =>
  sweep.report.claims === 'su2023'
    ? su2023.filter(({ about }) => about === undefined || sweep.trainings.some(({ params }) => trainingRole(params) === about))
    : [];

export const decidableClaims = (sweep: Sweep): readonly Decidable[] => claimsOf(sweep).map((claim) => decide(sweep, claim));

interface Offered {
  readonly title: string;
  readonly selector: Omit<Selector, 'training'>;
  readonly norms: readonly Norm[];
}

const offer = (title: string, attack: AttackRole, layer: LayerRole = 'last', epoch: EpochRole = 'last'): Offered => ({
  title,
  selector: { attack, layer, epoch },
  norms: attack === 'fgsm' ? ['linf'] : ['linf', 'l2'],
});

/** In the order `plan` prints them. */
const offered = [
  offer('noise', 'noise'),
  offer('raw pixels', 'pgd', 'input'),
  offer('adaptive NCC', 'adaptive'),
  offer('PGD with more steps', 'stronger'),
  offer('FGSM', 'fgsm'),
  offer('untrained network', 'clean', 'each', 'untrained'),
];

/** Controls that the sweep holds and lacks, under the names `plan` prints; each norm counts by itself. */
export function controls(sweep: Sweep): { readonly present: readonly string[]; readonly absent: readonly string[] } {
  const norms = normsOf(sweep);
  const roles = strataOf(sweep).map((stratum) => rolesOf(sweep, stratum));
  const trainings: readonly TrainingRole[] = ['ST', 'AT', 'TRADES'];
  const entries = offered.flatMap(({ title, selector, norms: of }) =>
    norms
      .filter((norm) => of.includes(norm))
      .map((norm) => {
        const here = roles.filter((r) => r.stratum.norm === norm);
        const present = here.some((r) =>
          trainings.some((training) => sweep.seeds.some((seed) => covered(sweep, r, { ...selector, training }, seed))),
        );
        const kind = here.flatMap((r) => r.attacks.noise?.params.kind ?? [])[0];
        const name = selector.attack === 'noise' && kind !== undefined ? kind.replace('-', ' ') : title;
        return { present, name: norms.length > 1 ? `${name} (${norm})` : name };
      }),
  );
  return {
    present: entries.filter((e) => e.present).map((e) => e.name),
    absent: entries.filter((e) => !e.present).map((e) => e.name),
  };
}
