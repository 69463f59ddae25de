/** The perturbation budget that a sweep is about, per norm. */
import { compareRational, parseRational } from '@ncsweep/protocol/rational';
import { networkLayers } from '../architectures.ts';
import type { AttackParams } from '../attacks.ts';
import type { Norm } from '../attacks/norm.ts';
import { lastEpoch } from '../params.ts';
import type { Epsilon, Named, Sweep } from '../sweep.ts';
import type { CommonAttacks } from './attack-roles.ts';
import { clean, holds, tellingSeeds, type Point } from './points.ts';

/** The usual budgets of the field, which are also those of the paper's own attacks. */
export const usualEpsilon: Readonly<Record<Norm, string>> = { linf: '8/255', l2: '128/255' };

/** Where to look: everywhere along an axis that is not named. */
interface Where {
  readonly dataset?: string;
  readonly architecture?: string;
  readonly norm: Norm;
}

/**
 * The budget of the first adversarial training in this norm if PGD is evaluated there, else the usual one, else the largest at which both
 * PGD and noise are evaluated, else the largest at which PGD is; undefined when PGD is not evaluated.
 */
export function headlineEpsilon(sweep: Sweep, { pgd, noise }: CommonAttacks, where: Where): Epsilon | undefined {
  const epsilons = sweep.grids.flatMap((g) => g.epsilons).filter((e) => e.value !== clean);
  const places = placesIn(sweep, where);
  const evaluated = (attack: Named<AttackParams> | undefined, { value }: Epsilon): boolean =>
    attack !== undefined && places.some((place) => holds(sweep, { ...place, attack: attack.name, epsilon: value }));
  const attacked = epsilons.filter((e) => evaluated(pgd, e));
  const trained = sweep.trainings.flatMap(({ params }) =>
    params.kind === 'train' && params.attack?.norm === where.norm ? [params.attack.epsilon] : [],
  )[0];
  return (
    attacked.find((e) => e.value === trained) ??
    attacked.find((e) => e.value === usualEpsilon[where.norm]) ??
    largest(attacked.filter((e) => evaluated(noise, e))) ??
    largest(attacked)
  );
}

/** The last layer of every network after training. */
function placesIn(sweep: Sweep, where: Where): readonly Omit<Point, 'attack' | 'epsilon'>[] {
  const datasets = sweep.datasets.filter(({ name }) => where.dataset === undefined || name === where.dataset);
  const architectures = sweep.architectures.filter(({ name }) => where.architecture === undefined || name === where.architecture);
  return datasets.flatMap((dataset) =>
    architectures.flatMap((architecture) =>
      sweep.trainings.flatMap((training) =>
        tellingSeeds(sweep).map((seed) => ({
          dataset: dataset.name,
          architecture: architecture.name,
          training: training.name,
          seed,
          epoch: lastEpoch(training.params),
          layer: networkLayers(architecture.params).at(-1)?.name ?? 'input',
          pooling: 'flatten' as const,
          split: 'train' as const,
          labels: 'given' as const,
        })),
      ),
    ),
  );
}

function largest(epsilons: readonly Epsilon[]): Epsilon | undefined {
  const size = (e: Epsilon) => parseRational(e.value) ?? { num: 0n, den: 1n };
  return [...epsilons].sort((a, b) => compareRational(size(b), size(a)))[0];
}
