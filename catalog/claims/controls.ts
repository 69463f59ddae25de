/** The usual controls in a study of attacks, and which of them a sweep has, whatever its claims. */
import type { Norm } from '../attacks/norm.ts';
import type { Sweep } from '../sweep.ts';
import type { EpochRole, LayerRole, Selector } from './claim.ts';
import { normsOf } from './attack-roles.ts';
import type { CommonAttack } from './common-attacks.ts';
import { covered } from './decidable.ts';
import { tellingSeeds } from './points.ts';
import { settingRoles, settingsOf } from './roles.ts';

interface Offered {
  readonly title: string;
  readonly selector: Omit<Selector, 'training'>;
  readonly norms: readonly Norm[];
}

const offer = (title: string, attack: CommonAttack | 'clean', layer: LayerRole = 'last', epoch: EpochRole = 'last'): Offered => ({
  title,
  selector: { attack, layer, epoch },
  norms: attack === 'fgsm' ? ['linf'] : ['linf', 'l2'],
});

/** In the order in which `plan` prints them. */
const offered = [
  offer('noise', 'noise'),
  offer('raw pixels', 'pgd', 'input'),
  offer('adaptive NCC', 'adaptive'),
  offer('scale-free adaptive NCC', 'adaptive-scale-free'),
  offer('adaptive NCC with more steps', 'adaptive-stronger'),
  offer('PGD with more steps', 'stronger'),
  offer('FGSM', 'fgsm'),
  offer('a search without gradients', 'gradient-free'),
  offer('untrained network', 'clean', 'each', 'untrained'),
];

/** Controls that the sweep has and lacks, under the names that `plan` prints; each norm counts separately. */
export function controls(sweep: Sweep): { readonly present: readonly string[]; readonly absent: readonly string[] } {
  const norms = normsOf(sweep);
  const seeds = tellingSeeds(sweep);
  const settings = settingsOf(sweep).map((setting) => settingRoles(sweep, setting));
  const entries = offered.flatMap(({ title, selector, norms: of }) =>
    norms
      .filter((norm) => of.includes(norm))
      .map((norm) => {
        const here = settings.filter((s) => s.stratum.norm === norm);
        const present = here.some((roles) =>
          Object.keys(roles.trainings).some((training) =>
            seeds.some((seed) => covered(sweep, roles, { ...selector, training }, seed)),
          ),
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
