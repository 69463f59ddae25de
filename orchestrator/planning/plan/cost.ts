/**
 * Cost of cells in units of 10⁹ multiply-adds: forward-pass equivalents × examples × size of the network. It orders tasks and lets
 * measured times predict work not yet done; it promises no absolute time.
 */
import { networkLayers, networkNodes, type ArchitectureParams } from '@ncsweep/catalog/architectures';
import type { EvaluateCell } from '@ncsweep/catalog/cell';
import { attackOf, type AttackParams } from '@ncsweep/catalog/attacks';
import type { EvaluateParams, Lineage, RecipeParams } from '@ncsweep/catalog/params';
import { exampleCount, imagesOf, normalisationOf, type DatasetParams } from '@ncsweep/catalog/datasets';
import { lossOf } from '@ncsweep/catalog/losses';
import { epochExamples } from '@ncsweep/catalog/oversampling';
import { viewsOf } from '@ncsweep/catalog/views';
import type { FoundData } from '@ncsweep/protocol/found-data';
import { multiplyAdds } from '@ncsweep/catalog/network/multiply-adds';

/** Cost of a forward and backward pass to the pixels, or to the weights, in forward passes. */
const pixelGradient = 2;
const weightGradient = 3;

/** How many forward passes one example costs in one epoch. */
function trainingPasses(recipe: RecipeParams): number {
  if (recipe.kind === 'import') return 0;
  const attack = (recipe.attack?.steps ?? 0) * pixelGradient;
  return attack + weightGradient * lossOf(recipe).updatePasses;
}

function attackPasses(attack: AttackParams, layers: number): number {
  if (attack.kind === 'none') return 0;
  const part = attackOf(attack);
  const gradients = part.gradients(attack) * (part.climbs(attack) === 'each layer' ? layers : 1);
  return gradients * pixelGradient + (part.forwardPasses?.(attack) ?? 0);
}

/** Metrics pass over the data twice (means, then scatter). */
const measuringPasses = 2;

/** A metric of a plug-in passes over the data anew for each view. */
const metricPasses = ({ metrics = [] }: EvaluateParams, architecture: ArchitectureParams): number =>
  metrics.reduce((sum, { of, passes }) => sum + passes * (of === 'layers' ? viewsOf(architecture).length : 1), 0);

/** Caches multiply-adds, which are needed for every cell of a plan. */
const known = new WeakMap<ArchitectureParams, WeakMap<DatasetParams, number>>();

function countMacs(architecture: ArchitectureParams, dataset: DatasetParams): number {
  if (architecture.name === 'plugin') return architecture.multiplyAdds;
  const { image, classes } = imagesOf(dataset);
  return multiplyAdds(networkNodes(architecture, { image, classes, normalisation: normalisationOf(dataset) }), image);
}

/** Number of multiply-adds in one example's forward pass. */
export function forwardMacs(architecture: ArchitectureParams, dataset: DatasetParams): number {
  const byDataset = known.get(architecture) ?? new WeakMap<DatasetParams, number>();
  known.set(architecture, byDataset);
  const counted = byDataset.get(dataset);
  if (counted !== undefined) return counted;
  const macs = countMacs(architecture, dataset);
  byDataset.set(dataset, macs);
  return macs;
}

const giga = ({ architecture, dataset }: Lineage, passes: number): number => (passes * forwardMacs(architecture, dataset)) / 1e9;

/** Units from one epoch of a training to a later one. Reading or importing weights costs too little to count. */
export function trainingUnits(lineage: Lineage, fromEpoch: number, toEpoch: number, found?: FoundData): number {
  const examples = epochExamples(lineage, exampleCount(lineage.dataset, 'train', found));
  return giga(lineage, trainingPasses(lineage.recipe) * examples * (toEpoch - fromEpoch));
}

export function evaluationUnits(lineage: Lineage, { params }: EvaluateCell, found?: FoundData): number {
  const layers = networkLayers(lineage.architecture);
  const passes = measuringPasses + attackPasses(params.attack, layers.length) + metricPasses(params, lineage.architecture);
  return giga(lineage, passes * exampleCount(lineage.dataset, params.split, found));
}
