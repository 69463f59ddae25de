/** What a cell is, in the user's own names. */
import { canonicalJson } from '@ncsweep/protocol/canonical';
import type { Cell } from '@ncsweep/protocol/cell';
import type { Named, Sweep } from '@ncsweep/protocol/sweep';
import type { Plan } from './plan.ts';

const names = (items: readonly Named<unknown>[]): ReadonlyMap<string, string> =>
  new Map([...items].reverse().map(({ name, params }) => [canonicalJson(params), name]));

const axesOf = (sweep: Sweep) => ({
  dataset: names(sweep.datasets),
  architecture: names(sweep.architectures),
  training: names(sweep.trainings),
  attack: names([...sweep.grids.flatMap(({ attacks }) => attacks), { name: 'clean', params: { kind: 'none' } }]),
  epsilon: new Map(sweep.grids.flatMap(({ epsilons }) => epsilons.map((e) => [e.value, e.label] as const))),
});

/**
 * @returns a function from a cell of the plan to e.g. "AT seed 2 epoch 80 pgd10 4/255 train"; dataset and architecture stand in front
 * where the sweep has several
 */
export function cellLabels(plan: Plan): (cell: Cell) => string {
  const { sweep } = plan;
  const axes = axesOf(sweep);
  const nameIn = (axis: ReadonlyMap<string, string>, params: unknown): string => axis.get(canonicalJson(params)) ?? '?';
  const label = (cell: Cell): string => {
    if (cell.kind === 'snapshot') {
      const { dataset, architecture, recipe, seed, epoch } = cell.params;
      const places = [
        ...(sweep.datasets.length > 1 ? [nameIn(axes.dataset, dataset)] : []),
        ...(sweep.architectures.length > 1 ? [nameIn(axes.architecture, architecture)] : []),
      ];
      return [...places, nameIn(axes.training, recipe), `seed ${seed}`, `epoch ${epoch}`].join(' ');
    }
    const { attack, epsilon, split } = cell.params;
    const snapshot = plan.cells.get(cell.inputs[0] ?? '');
    const budget = attack.kind === 'none' ? [] : [axes.epsilon.get(epsilon) ?? epsilon];
    return [snapshot === undefined ? '?' : label(snapshot), nameIn(axes.attack, attack), ...budget, split].join(' ');
  };
  return label;
}
