/** The points that a selector stands for. */
import { formatRational, parseRational } from '@ncsweep/protocol/rational';
import { networkLayers, type ArchitectureParams } from '../architectures.ts';
import type { DatasetParams } from '../datasets.ts';
import { lastEpoch } from '../params.ts';
import type { RecipeParams } from '../params.ts';
import type { Named, Sweep } from '../sweep.ts';
import type { Selector } from './claim.ts';
import { clean, epochsAsked, holds, type Point } from './points.ts';
import type { Roles } from './roles.ts';

type Where = Pick<Selector, 'dataset' | 'architecture'>;

/** The dataset of a selector: the one that plays its role, else the stratum's. */
export const datasetAt = (sweep: Sweep, roles: Roles, { dataset }: Where): Named<DatasetParams> | undefined =>
  dataset === undefined ? sweep.datasets.find((d) => d.name === roles.stratum.dataset) : roles.datasets[dataset];

export const architectureAt = (sweep: Sweep, roles: Roles, { architecture }: Where): Named<ArchitectureParams> | undefined =>
  architecture === undefined
    ? sweep.architectures.find((a) => a.name === roles.stratum.architecture)
    : roles.architectures[architecture];

/** Undefined when no entry plays the attack's role, or the sweep evaluates none at a budget. */
function attackAt(roles: Roles, { attack, epsilon = 'headline' }: Selector): Pick<Point, 'attack' | 'epsilon'> | undefined {
  if (attack === 'clean') return { attack: 'none', epsilon: clean };
  const name = roles.attacks[attack]?.name;
  const parsed = epsilon === 'headline' ? undefined : parseRational(epsilon);
  const value = epsilon === 'headline' ? roles.epsilon?.value : parsed && formatRational(parsed);
  return name === undefined || value === undefined ? undefined : { attack: name, epsilon: value };
}

/**
 * One point per layer; undefined when a role is not filled. It does not check that the sweep holds them. Where the selector leaves the
 * split open, it is the training data.
 */
export function pointsOf(sweep: Sweep, roles: Roles, selector: Selector, seed: number): readonly Point[] | undefined {
  const dataset = datasetAt(sweep, roles, selector);
  const architecture = architectureAt(sweep, roles, selector);
  const training = roles.trainings[selector.training];
  const attacked = attackAt(roles, selector);
  if (dataset === undefined || architecture === undefined || training === undefined || attacked === undefined) return undefined;
  const { pooling = 'flatten', split = 'train', labels = 'given' } = selector;
  const layers = networkLayers(architecture.params).map((l) => l.name);
  const at = (epoch: number, layer: string): Point => ({
    dataset: dataset.name,
    architecture: architecture.name,
    training: training.name,
    seed,
    epoch,
    ...attacked,
    layer,
    pooling,
    split,
    labels,
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
