/** What a compute program is told about a task: everything that the catalog knows of it, resolved (docs/compute-protocol.md). */
import type { EvaluateTask, TaskDocument, TrainTask } from '@ncsweep/protocol/compute/task-document';
import type { Network } from '@ncsweep/protocol/compute/network';
import { layerShapesOf, networkNodes } from '../architectures.ts';
import { attackNorm, attackVersion, logitLossOf, trainingAttackVersion, type Perturbing } from '../attacks.ts';
import type { SplitName } from '../axes.ts';
import type { ArrayRequest } from '../cell-arrays.ts';
import { imagesOf, normalisationOf } from '../datasets.ts';
import type { KnownTask } from '../known-task.ts';
import { lossOf } from '../losses.ts';
import type { FeatureShape } from '../network/multiply-adds.ts';
import { networkDocument } from '../network/network-document.ts';
import { epochExamples, repeatsOf } from '../oversampling.ts';
import type { EvaluateParams, TrainRecipe } from '../params.ts';
import { pluggedArchitectureScience, pluggedNetwork } from '../plugins/plugged-architecture.ts';
import { pluggedMetricScience } from '../plugins/plugged-metric.ts';
import { scienceVersions } from '../science-versions.ts';
import type { SideLabel } from '../side-labels.ts';
import {
  conventionsOf,
  evaluateCellDocument,
  evaluationDocument,
  familiesOf,
  type EvaluateTaskCell,
  type Measured,
} from './evaluation-document.ts';
import { evaluationReturns, snapshotReturns } from './returns.ts';
import {
  attackScienceOf,
  labelScience,
  metricScience,
  nodeScience,
  objectiveScienceOf,
  repeatsScience,
  type Science,
} from './science.ts';
import { trainingDocument } from './training-document.ts';

/** The decoded dataset of a task. */
export interface DecodedData {
  readonly data: TaskDocument['data'];
  /** Number of different labels under each name, besides the class, by split. */
  readonly sideLabels: Readonly<Record<SplitName, Readonly<Partial<Record<SideLabel, number>>>>>;
}

/** The network that a task trains or measures. */
export function nodesOf({ lineage: { dataset, architecture } }: KnownTask, { classes, image }: TaskDocument['data']) {
  return networkNodes(architecture, { classes, image, normalisation: normalisationOf(dataset) });
}

function trainingScience(recipe: TrainRecipe): Science {
  const loss = lossOf(recipe);
  const { attack } = recipe;
  return {
    train: scienceVersions.train,
    [recipe.loss === 'plugin' ? 'plugin:loss' : `loss:${loss.name}`]: loss.science,
    ...(attack && attackScienceOf('pgd', attack.norm, trainingAttackVersion(attack))),
  };
}

function attackScience(attack: Perturbing): Science {
  if (attack.kind === 'plugin') return { 'plugin:attack': attackVersion(attack) };
  return {
    ...attackScienceOf(attack.kind, attackNorm(attack), attackVersion(attack)),
    ...objectiveScienceOf(logitLossOf(attack)),
  };
}

const evaluationScience = ({ attack, metrics }: EvaluateParams, measured: Measured): Science => ({
  ...metricScience(familiesOf(measured)),
  ...(metrics && { 'plugin:metric': pluggedMetricScience }),
  ...(attack.kind === 'none' ? {} : attackScience(attack)),
});

/** A network with the science of what computes it, and the shapes of its layers. */
interface Described {
  readonly network: Network;
  readonly science: Science;
  readonly layerShapes: ReadonlyMap<string, FeatureShape>;
}

function describe(task: KnownTask, data: TaskDocument['data']): Described {
  const { architecture, dataset } = task.lineage;
  const shapes = layerShapesOf(architecture, data.image);
  if (architecture.name === 'plugin') {
    const network = pluggedNetwork(architecture, normalisationOf(dataset));
    return { network, science: { 'plugin:architecture': pluggedArchitectureScience }, layerShapes: shapes };
  }
  const nodes = nodesOf(task, data);
  return { network: networkDocument(nodes, data.image), science: nodeScience(nodes), layerShapes: shapes };
}

function trainTask(task: KnownTask, recipe: TrainRecipe, { data }: DecodedData, { network, science }: Described): TrainTask {
  const repeats = repeatsOf(task.lineage);
  const training = trainingDocument(recipe, epochExamples(task.lineage, data.train.count), repeats);
  const at = ({ cellId, epoch }: { cellId: string; epoch: number }) => ({ cellId, epoch, step: epoch * training.stepsPerEpoch });
  return {
    v: 1,
    kind: 'train',
    taskId: task.taskId,
    seed: task.lineage.seed,
    science: { ...trainingScience(recipe), ...science, ...(repeats && repeatsScience) },
    data,
    network,
    training,
    ...(task.startFrom && { startFrom: at(task.startFrom) }),
    cells: task.cells.flatMap((cell) => (cell.kind === 'snapshot' ? [at(cell)] : [])),
    checkpointEveryMs: task.checkpointEveryMs,
    returns: snapshotReturns,
  };
}

function evaluateTask(
  task: KnownTask,
  { data, sideLabels }: DecodedData,
  { network, science, layerShapes }: Described,
  arrays: ArrayRequest | undefined,
): EvaluateTask {
  const cells = task.cells.filter((cell): cell is EvaluateTaskCell => cell.kind === 'evaluate');
  const first = cells[0]!;
  const { attack, split } = first.params;
  const measured: Measured = {
    classes: data.classes,
    sideLabels: sideLabels[split],
    layerShapes,
    minority: imagesOf(task.lineage.dataset).minority?.classes,
  };
  return {
    v: 1,
    kind: 'evaluate',
    taskId: task.taskId,
    seed: task.lineage.seed,
    science: { ...evaluationScience(first.params, measured), ...science, ...labelScience(conventionsOf(attack, measured)) },
    data,
    network,
    evaluation: evaluationDocument(task, first, measured, arrays),
    cells: cells.map(evaluateCellDocument),
    returns: evaluationReturns(attack),
  };
}

export interface DocumentOptions {
  /** That evaluations write beside their results. */
  readonly arrays?: ArrayRequest | undefined;
  /** Whose code the task runs. */
  readonly plugins?: NonNullable<TaskDocument['plugins']>;
}

/** @returns undefined for imported weights, which no program computes */
export function documentOf(
  task: KnownTask,
  decoded: DecodedData,
  { arrays, plugins = [] }: DocumentOptions = {},
): TaskDocument | undefined {
  const described = describe(task, decoded.data);
  const { recipe } = task.lineage;
  const code = plugins.length === 0 ? {} : { plugins: [...plugins] };
  if (task.class === 'evaluate') return { ...evaluateTask(task, decoded, described, arrays), ...code };
  return recipe.kind === 'import' ? undefined : { ...trainTask(task, recipe, decoded, described), ...code };
}
