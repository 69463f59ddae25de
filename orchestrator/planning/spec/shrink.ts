/** A sweep of the same shape that takes a minute: finds mistakes before hours are spent. Its numbers mean nothing. */
import type { AttackParams, DatasetParams, RecipeParams } from '@ncsweep/protocol/params';
import { madeDatasetDigest } from '@ncsweep/protocol/store/dataset-files';
import type { Grid, Named, Sweep } from '@ncsweep/protocol/sweep';
import { imageSide } from './resolve-axes.ts';

const most = { classes: 10, perClass: 4, imageSize: 64, width: 4, epochs: 2, batchSize: 16, steps: 2 };

const least = (value: number, bound: number): number => Math.min(value, bound);
/** 0 stands for all. */
const kept = (perClass: number): number => (perClass === 0 ? most.perClass : least(perClass, most.perClass));

function madeInstead(params: DatasetParams): DatasetParams {
  const made = {
    name: 'prototypes',
    classes: params.name === 'prototypes' ? least(params.classes, most.classes) : most.classes,
    trainPerClass: most.perClass,
    testPerClass: most.perClass,
    imageSize: least(imageSide(params), most.imageSize),
  } as const;
  return { ...made, digest: madeDatasetDigest(made) };
}

function shrinkDataset(params: DatasetParams, isHere: boolean): DatasetParams {
  if (params.name === 'prototypes' || !isHere) return madeInstead(params);
  const few = { trainPerClass: kept(params.trainPerClass), testPerClass: kept(params.testPerClass) };
  return 'imageSize' in params
    ? { ...params, ...few, imageSize: least(params.imageSize, most.imageSize) }
    : { ...params, ...few };
}

function shrinkRecipe(recipe: RecipeParams): RecipeParams {
  if (recipe.kind === 'import') return recipe;
  const attack = recipe.attack && { ...recipe.attack, steps: least(recipe.attack.steps, most.steps) };
  return { ...recipe, attack, epochs: least(recipe.epochs, most.epochs), batchSize: least(recipe.batchSize, most.batchSize) };
}

const shrinkAttack = (params: AttackParams): AttackParams =>
  params.kind === 'pgd' ? { ...params, steps: least(params.steps, most.steps), restarts: 1 } : params;

/** Every attack, layer and split stays; few epochs and budgets do. Narrowing is dropped: it may name what is gone. */
function shrinkGrid(grid: Grid): Grid {
  const epsilons = [...grid.epsilons.filter((e) => e.value === '0/1'), ...grid.epsilons.slice(-1)];
  return {
    ...grid,
    epochs: ['last'],
    attacks: grid.attacks.map(({ name, params }) => ({ name, params: shrinkAttack(params) })),
    epsilons: [...new Set(epsilons)],
    ...{ only: [], exclude: [], zip: [] },
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
    architectures: renamed(sweep.architectures, (a) => (hasImports ? a : { ...a, width: least(a.width, most.width) })),
    trainings: renamed(sweep.trainings, shrinkRecipe),
    seeds: sweep.seeds.slice(0, 1),
    snapshots: [],
    grids: sweep.grids.map(shrinkGrid),
    report: { ...sweep.report, claims: 'none' },
    execution: { ...sweep.execution, evaluationBatchSize: least(sweep.execution.evaluationBatchSize, 64) },
  };
}
