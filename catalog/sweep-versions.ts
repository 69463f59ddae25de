/** The science under which a sweep is planned: what an upgraded install may compute differently. */
import { attackOf, attacks } from './attacks.ts';
import type { Attack } from './attacks/attack.ts';
import { architectureOf } from './architectures.ts';
import type { CellVersions } from './cell.ts';
import { datasetOf } from './datasets.ts';
import { lossOf } from './losses.ts';
import { metricFamilies } from './metrics.ts';
import type { MetricFamily } from './metrics/metric.ts';
import type { RecipeParams } from './params.ts';
import { scienceVersions } from './science-versions.ts';
import type { Sweep } from './sweep.ts';

interface Versioned {
  readonly name: string;
  readonly science: number;
}

/** Version of everything that the sweep uses, a part's as "<kind>:<name>". Versions of 1 are included, so an absent name was not used. */
export function versionsOfSweep({ datasets, architectures, trainings, grids }: Sweep): CellVersions {
  const recipes = trainings.map(({ params }) => params).filter(isTraining);
  const evaluated = grids.flatMap((grid) => grid.attacks.map(({ params }) => attackOf(params)));
  const trained: readonly Attack[] = recipes.some(({ attack }) => attack !== null) ? [attacks.pgd] : [];
  const used: Readonly<Record<string, readonly Versioned[]>> = {
    dataset: datasets.map(({ params }) => datasetOf(params)),
    architecture: architectures.map(({ params }) => architectureOf(params)),
    loss: recipes.map((recipe) => lossOf(recipe)),
    attack: [...trained, ...evaluated],
    metrics: Object.values<MetricFamily>(metricFamilies),
  };
  const parts = Object.entries(used).flatMap(([kind, of]) =>
    of.map(({ name, science }) => [`${kind}:${name}`, science] as const),
  );
  return { ...scienceVersions, ...Object.fromEntries(parts) };
}

const isTraining = (recipe: RecipeParams): recipe is Extract<RecipeParams, { kind: 'train' }> => recipe.kind === 'train';

/** Versions as a person names them. @example "loss:trades=2,train=4" */
export const versionsText = (versions: CellVersions): string =>
  Object.keys(versions)
    .sort()
    .map((name) => `${name}=${versions[name]}`)
    .join(',');

export interface VersionChange {
  readonly name: string;
  readonly before: number;
  readonly now: number;
}

/** What changed, as a person reads it. @param program that computes the new versions. @example "train 3, this worker computes train 4" */
export const changesText = (changes: readonly VersionChange[], program: string): string =>
  changes.map(({ name, before, now }) => `${name} ${before}, ${program} computes ${name} ${now}`).join('; ');

/** What both sides use in different versions, sorted by name. */
export const changedVersions = (before: CellVersions, now: CellVersions): readonly VersionChange[] =>
  Object.keys(before)
    .filter((name) => now[name] !== undefined && now[name] !== before[name])
    .sort()
    .map((name) => ({ name, before: before[name]!, now: now[name]! }));
