/** Which plug-ins a sweep, a task or a cell uses. */
import type { AttackParams } from '../attacks.ts';
import type { Cell } from '../cell.ts';
import type { KnownTask } from '../known-task.ts';
import type { EvaluateParams, RecipeParams } from '../params.ts';
import type { Sweep } from '../sweep.ts';

export interface UsedPlugin {
  readonly plugin: string;
  readonly identity: string;
}

type Plugged = { readonly part: string; readonly identity: string };

const pluggedRecipe = (recipe: RecipeParams): readonly Plugged[] =>
  recipe.kind === 'train' && recipe.loss === 'plugin' ? [recipe] : [];
const pluggedAttack = (attack: AttackParams): readonly Plugged[] => (attack.kind === 'plugin' ? [attack] : []);

const pluggedEvaluation = ({ attack, metrics = [] }: EvaluateParams): readonly Plugged[] => [
  ...pluggedAttack(attack),
  ...metrics,
];

/** Each once, by identity. */
const pluginsIn = (parts: readonly Plugged[]): readonly UsedPlugin[] => [
  ...new Map(parts.map(({ part, identity }) => [identity, { plugin: part.split('/')[0]!, identity }])).values(),
];

export const pluginsOfSweep = ({
  trainings,
  grids,
  metrics = [],
}: Pick<Sweep, 'trainings' | 'grids' | 'metrics'>): readonly UsedPlugin[] =>
  pluginsIn([
    ...trainings.flatMap(({ params }) => pluggedRecipe(params)),
    ...grids.flatMap(({ attacks }) => attacks.flatMap(({ params }) => pluggedAttack(params))),
    ...metrics.map(({ params }) => params),
  ]);

/** The plug-ins whose code makes a cell, inputs left aside. */
export const pluginsOfCell = (cell: Cell): readonly UsedPlugin[] =>
  pluginsIn(cell.kind === 'snapshot' ? pluggedRecipe(cell.params.recipe) : pluggedEvaluation(cell.params));

/** The plug-ins whose code a task runs; an evaluation does not run the loss that its network was trained with. */
export const pluginsOfTask = (task: KnownTask): readonly UsedPlugin[] =>
  pluginsIn(
    task.class === 'train'
      ? pluggedRecipe(task.lineage.recipe)
      : task.cells.flatMap((cell) => (cell.kind === 'evaluate' ? pluggedEvaluation(cell.params) : [])),
  );
