/** The position of a cell on the axes of its sweep, in the user's own names. Pure. */
import { canonicalJson } from '@ncsweep/protocol/canonical';
import type { Cell } from '@ncsweep/catalog/cell';
import type { Axis } from '@ncsweep/catalog/axes';
import type { Named, Sweep } from '@ncsweep/catalog/sweep';
import type { Plan } from './plan.ts';

/** Every name by which a user may refer to the value, the plainest first. Snapshots have no attack, epsilon or split. */
export type CellNames = Readonly<Partial<Record<Axis, readonly string[]>>>;

const byParams = (items: readonly Named<unknown>[]): ReadonlyMap<string, readonly string[]> =>
  new Map(
    [...Map.groupBy(items, ({ params }) => canonicalJson(params))].map(([key, named]) => [
      key,
      [...new Set(named.map(({ name }) => name))],
    ]),
  );

const axesOf = (sweep: Sweep) => ({
  dataset: byParams(sweep.datasets),
  architecture: byParams(sweep.architectures),
  training: byParams(sweep.trainings),
  attack: byParams([
    ...sweep.grids.flatMap(({ attacks }) => attacks),
    ...['clean', 'none'].map((name) => ({ name, params: { kind: 'none' } })),
  ]),
  epsilon: new Map(sweep.grids.flatMap(({ epsilons }) => epsilons).map((e) => [e.value, e.label] as const)),
});

/** @returns a function from a cell of the plan to its names */
export function cellNames(plan: Plan): (cell: Cell) => CellNames {
  const axes = axesOf(plan.sweep);
  const namesIn = (axis: ReadonlyMap<string, readonly string[]>, params: unknown): readonly string[] =>
    axis.get(canonicalJson(params)) ?? ['?'];
  const names = (cell: Cell): CellNames => {
    if (cell.kind === 'snapshot') {
      const { dataset, architecture, recipe, seed, epoch } = cell.params;
      const isLast = epoch === (recipe.kind === 'train' ? recipe.epochs : 0);
      return {
        dataset: namesIn(axes.dataset, dataset),
        architecture: namesIn(axes.architecture, architecture),
        training: namesIn(axes.training, recipe),
        seed: [String(seed)],
        epoch: isLast ? [String(epoch), 'last'] : [String(epoch)],
      };
    }
    const { attack, epsilon, split } = cell.params;
    const snapshot = plan.cells.get(cell.inputs[0] ?? '');
    const budget = attack.kind === 'none' ? ['0'] : [axes.epsilon.get(epsilon) ?? epsilon];
    return {
      ...(snapshot === undefined ? {} : names(snapshot)),
      attack: namesIn(axes.attack, attack),
      epsilon: [...new Set([...budget, epsilon])],
      split: [split],
    };
  };
  return names;
}
