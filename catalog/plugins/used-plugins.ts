/** Which plug-ins a sweep, a task or a cell uses. */
import type { ArchitectureParams } from '../architectures.ts';
import type { AttackParams } from '../attacks.ts';
import type { Cell } from '../cell.ts';
import type { KnownTask } from '../known-task.ts';
import type { EvaluateParams, RecipeParams } from '../params.ts';
import type { Sweep } from '../sweep.ts';
import { languagesInId, type IdLanguages, type PluginLanguage } from './languages.ts';

export interface UsedPlugin {
  readonly plugin: string;
  readonly identity: string;
}

type Plugged = { readonly part: string; readonly identity: string; readonly languages?: IdLanguages };

const pluggedRecipe = (recipe: RecipeParams): readonly Plugged[] =>
  recipe.kind === 'train' && recipe.loss === 'plugin' ? [recipe] : [];
const pluggedAttack = (attack: AttackParams): readonly Plugged[] => (attack.kind === 'plugin' ? [attack] : []);

const pluggedNetwork = (architecture: ArchitectureParams): readonly Plugged[] =>
  architecture.name === 'plugin' ? [architecture] : [];
const pluggedEvaluation = ({ attack, metrics = [] }: EvaluateParams): readonly Plugged[] => [
  ...pluggedAttack(attack),
  ...metrics,
];

/** Each once, by identity. */
const pluginsIn = (parts: readonly Plugged[]): readonly UsedPlugin[] => [
  ...new Map(parts.map(({ part, identity }) => [identity, { plugin: part.split('/')[0]!, identity }])).values(),
];

type Using = Pick<Sweep, 'architectures' | 'trainings' | 'grids' | 'metrics'>;

const pluggedInSweep = ({ architectures, trainings, grids, metrics = [] }: Using): readonly Plugged[] => [
  ...architectures.flatMap(({ params }) => pluggedNetwork(params)),
  ...trainings.flatMap(({ params }) => pluggedRecipe(params)),
  ...grids.flatMap(({ attacks }) => attacks.flatMap(({ params }) => pluggedAttack(params))),
  ...metrics.map(({ params }) => params),
];

export const pluginsOfSweep = (sweep: Using): readonly UsedPlugin[] => pluginsIn(pluggedInSweep(sweep));

/** Languages of each part of a plug-in that a sweep uses, by `<plug-in>/<part>`. */
export const languagesOfSweep = (sweep: Using): ReadonlyMap<string, readonly PluginLanguage[]> =>
  new Map(pluggedInSweep(sweep).map(({ part, languages }) => [part, languagesInId(languages)]));

/** The plug-ins whose code makes a cell, inputs left aside. @param plan it is of */
export function pluginsOfCell(cell: Cell, { cells }: { readonly cells: ReadonlyMap<string, Cell> }): readonly UsedPlugin[] {
  if (cell.kind === 'snapshot')
    return pluginsIn([...pluggedNetwork(cell.params.architecture), ...pluggedRecipe(cell.params.recipe)]);
  const snapshot = cells.get(cell.inputs[0]!);
  const network = snapshot?.kind === 'snapshot' ? pluggedNetwork(snapshot.params.architecture) : [];
  return pluginsIn([...network, ...pluggedEvaluation(cell.params)]);
}

/** The plug-ins whose code a task runs; an evaluation does not run the loss that its network was trained with. */
export const pluginsOfTask = (task: KnownTask): readonly UsedPlugin[] =>
  pluginsIn([
    ...pluggedNetwork(task.lineage.architecture),
    ...(task.class === 'train' ? pluggedRecipe(task.lineage.recipe) : []),
    ...task.cells.flatMap((cell) => (cell.kind === 'evaluate' ? pluggedEvaluation(cell.params) : [])),
  ]);
