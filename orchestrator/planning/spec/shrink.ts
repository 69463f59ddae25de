/** A sweep of the same shape that takes a minute, to find mistakes before hours are spent. Its numbers mean nothing. */
import { attackOf, type Perturbing } from '@ncsweep/catalog/attacks';
import type { RecipeParams } from '@ncsweep/catalog/params';
import { architectureOf } from '@ncsweep/catalog/architectures';
import { asMadeParams, imagesOf, isMade, madeDatasets, type DatasetParams, type MadeParams } from '@ncsweep/catalog/datasets';
import type { MadeDataset } from '@ncsweep/catalog/datasets/dataset';
import { prototypes } from '@ncsweep/catalog/datasets/prototypes';
import type { Grid, Named, Sweep } from '@ncsweep/catalog/sweep';

const most = { perClass: 4, imageSize: 64, epochs: 2, batchSize: 16, steps: 2 };

const least = (value: number, bound: number): number => Math.min(value, bound);
/** 0 means all. */
const kept = (perClass: number): number => (perClass === 0 ? most.perClass : least(perClass, most.perClass));

/** Bounds the fields that a part limits in a smoke run; all others stay as they are. */
function bounded<T extends object>(params: T, bounds: Readonly<Record<string, number | undefined>>): T {
  const small = Object.entries(params).map(([field, value]: [string, unknown]) => {
    const bound = bounds[field];
    return [field, bound !== undefined && typeof value === 'number' ? least(value, bound) : value];
  });
  return Object.fromEntries(small) as T;
}

/** Generated images like those of a dataset whose files are not here. */
function madeInstead(params: DatasetParams): MadeParams {
  const { image, classes, perClass } = imagesOf(params);
  const like = { classes, trainPerClass: perClass.train, testPerClass: perClass.test, imageSize: image[0] };
  return asMadeParams(prototypes, bounded(like, prototypes.smoke));
}

function shrinkDataset(params: DatasetParams, isHere: boolean): DatasetParams {
  if (isMade(params)) {
    const { name: _name, digest: _digest, ...values } = params;
    const part: MadeDataset = madeDatasets[params.name];
    return asMadeParams(part, bounded(values, part.smoke));
  }
  if (!isHere) return madeInstead(params);
  const few = { trainPerClass: kept(params.trainPerClass), testPerClass: kept(params.testPerClass) };
  return bounded({ ...params, ...few }, { imageSize: most.imageSize });
}

function shrinkRecipe(recipe: RecipeParams): RecipeParams {
  if (recipe.kind === 'import') return recipe;
  const attack = recipe.attack && { ...recipe.attack, steps: least(recipe.attack.steps, most.steps) };
  return { ...recipe, attack, epochs: least(recipe.epochs, most.epochs), batchSize: least(recipe.batchSize, most.batchSize) };
}

const shrinkAttack = (params: Perturbing): Perturbing => bounded(params, attackOf(params).smoke);

/** Keeps every attack, layer and split, but few epochs and budgets. Narrowing is dropped, since it may name what is gone. */
function shrinkGrid(grid: Grid): Grid {
  const epsilons = [...grid.epsilons.filter((e) => e.value === '0/1'), ...grid.epsilons.slice(-1)];
  return {
    ...grid,
    epochs: ['last'],
    attacks: grid.attacks.map(({ name, params }) => ({ name, params: shrinkAttack(params) })),
    epsilons: [...new Set(epsilons)],
    only: [],
    exclude: [],
    zip: [],
  };
}

const renamed = <T>(items: readonly Named<T>[], change: (params: T) => T): Named<T>[] =>
  items.map(({ name, params }) => ({ name, params: change(params) }));

/** Weights made elsewhere fit one width only, so a sweep with imports keeps its widths. */
export function shrinkSweep(sweep: Sweep): Sweep {
  const hasImports = sweep.trainings.some(({ params }) => params.kind === 'import');
  return {
    ...sweep,
    name: `${sweep.name}-smoke`,
    datasets: renamed(sweep.datasets, (params) => shrinkDataset(params, params.digest in sweep.sources)),
    architectures: renamed(sweep.architectures, (a) =>
      hasImports || a.name === 'plugin' ? a : bounded(a, architectureOf(a).smoke),
    ),
    trainings: renamed(sweep.trainings, shrinkRecipe),
    seeds: sweep.seeds.slice(0, 1),
    snapshots: [],
    grids: sweep.grids.map(shrinkGrid),
    report: { ...sweep.report, claims: [] },
    execution: { ...sweep.execution, evaluationBatchSize: least(sweep.execution.evaluationBatchSize, 64) },
  };
}
