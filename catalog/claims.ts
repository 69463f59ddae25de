/** Which claims a sweep can decide, answered from its spec alone, before anything runs. */
import type { AttackRole, Claim, Contrast, EpochRole, LayerRole, Selector, TrainingRole } from './claims/claim.ts';
import { missingYaml } from './claims/missing-yaml.ts';
import { holds } from './claims/points.ts';
import { pointsOf, rolesOf, strataOf, type Roles } from './claims/roles.ts';
import { su2023 } from './claims/su2023.ts';
import type { Sweep } from './sweep.ts';

export interface Decidable {
  readonly claim: number;
  readonly title: string;
  /** Every contrast is measured in at least one dataset × architecture and seed. */
  readonly decidable: boolean;
  /** YAML to add, one entry a line; empty when decidable. */
  readonly missing: readonly string[];
  /** Seeds, datasets and architectures in which it is decidable. */
  readonly seeds: number;
  readonly datasets: number;
  readonly architectures: number;
}

const selectorsOf = (contrast: Contrast): readonly Selector[] =>
  'at' in contrast.right ? [contrast.left.at, contrast.right.at] : [contrast.left.at];

const covered = (sweep: Sweep, roles: Roles, selector: Selector, seed: number): boolean =>
  pointsOf(sweep, roles, selector, seed)?.every((point) => holds(sweep, point)) ?? false;

/** The selectors of a claim that the sweep does not hold for a seed. */
function missingSelectors(sweep: Sweep, roles: Roles, claim: Claim, seed: number): readonly Selector[] {
  const missing = claim.contrasts.flatMap(selectorsOf).filter((selector) => !covered(sweep, roles, selector, seed));
  return [...new Map(missing.map((s) => [JSON.stringify(s), s])).values()];
}

function decide(sweep: Sweep, claim: Claim): Decidable {
  const all = strataOf(sweep).map((stratum) => {
    const roles = rolesOf(sweep, stratum);
    const missing = sweep.seeds.map((seed) => missingSelectors(sweep, roles, claim, seed));
    return { stratum, roles, missing, seeds: missing.filter((m) => m.length === 0).length };
  });
  const open = all.filter((s) => s.seeds > 0);
  const first = all[0];
  const lacking = open.length > 0 ? [] : (first?.missing[0] ?? []);
  return {
    claim: claim.number,
    title: claim.title,
    decidable: open.length > 0,
    missing: [...new Set(first === undefined ? [] : lacking.map((s) => missingYaml(s, first.roles)))],
    seeds: open.length === 0 ? 0 : Math.min(...open.map((s) => s.seeds)),
    datasets: new Set(open.map((s) => s.stratum.dataset)).size,
    architectures: new Set(open.map((s) => s.stratum.architecture)).size,
  };
}

/** The claims of the sweep's report, or none when it asks for none. */
export const claimsOf = (sweep: Sweep): readonly Claim[] => (sweep.report.claims === 'su2023' ? su2023 : []);

export const decidableClaims = (sweep: Sweep): readonly Decidable[] => claimsOf(sweep).map((claim) => decide(sweep, claim));

const control = (title: string, attack: AttackRole, layer: LayerRole = 'last', epoch: EpochRole = 'last') => ({
  title,
  attack,
  layer,
  epoch,
});

/** In the order `plan` prints them. */
const offered = [
  control('noise', 'noise'),
  control('raw pixels', 'pgd', 'input'),
  control('adaptive NCC', 'adaptive'),
  control('PGD with more steps (claim 3 will say so)', 'stronger'),
  control('FGSM', 'fgsm'),
  control('untrained network', 'clean', 'each', 'untrained'),
];

/** Controls that the sweep holds and lacks, under the names `plan` prints. */
export function controls(sweep: Sweep): { readonly present: readonly string[]; readonly absent: readonly string[] } {
  const roles = strataOf(sweep).map((stratum) => rolesOf(sweep, stratum));
  const trainings: readonly TrainingRole[] = ['ST', 'AT', 'TRADES'];
  const has = ({ attack, layer, epoch }: (typeof offered)[number]): boolean =>
    roles.some((r) =>
      trainings.some((training) => sweep.seeds.some((seed) => covered(sweep, r, { training, epoch, attack, layer }, seed))),
    );
  const present = offered.filter(has);
  const noise = roles.flatMap((r) => r.attacks.noise?.params.kind ?? [])[0];
  const name = (c: (typeof offered)[number]): string =>
    c.attack === 'noise' && noise !== undefined ? noise.replace('-', ' ') : c.title.replace(/ \(.*/, '');
  return { present: present.map(name), absent: offered.filter((c) => !present.includes(c)).map((c) => c.title) };
}
