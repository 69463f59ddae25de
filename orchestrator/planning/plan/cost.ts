/**
 * Cost of cells in units of 10⁹ multiply-adds: forward-pass equivalents × examples × size of the network. It orders tasks and carries
 * measured times over to work not yet done; it promises no absolute time.
 */
import { layerNames } from '@ncsweep/protocol/architectures';
import type { EvaluateCell } from '@ncsweep/protocol/cell';
import type { AttackParams, Lineage, RecipeParams } from '@ncsweep/protocol/params';
import { exampleCount } from '@ncsweep/protocol/dataset-size';
import { forwardMacs } from './network-size.ts';

/** Forward and backward pass to the pixels, and to the weights, in forward passes. */
const pixelGradient = 2;
const weightGradient = 3;

/** Forward passes that one example costs in one epoch. */
function trainingPasses(recipe: RecipeParams): number {
  if (recipe.kind === 'import') return 0;
  const attack = (recipe.attack?.steps ?? 0) * pixelGradient;
  return attack + weightGradient * (recipe.loss === 'trades' ? 2 : 1);
}

function attackPasses(attack: AttackParams, layers: number): number {
  switch (attack.kind) {
    case 'none':
    case 'sign-noise':
    case 'sphere-noise':
    case 'gaussian-noise':
      return 0;
    case 'fgsm':
      return pixelGradient;
    case 'pgd':
      return attack.steps * attack.restarts * pixelGradient * (attack.objective === 'ncc' ? layers : 1);
    default:
      return attack satisfies never;
  }
}

/** Metrics stream twice over the data (means, then scatter). */
const measuringPasses = 2;

const giga = ({ architecture, dataset }: Lineage, passes: number): number => (passes * forwardMacs(architecture, dataset)) / 1e9;

/** Units from one epoch of a training to a later one. Reading or importing weights costs something too small to count. */
export function trainingUnits(lineage: Lineage, fromEpoch: number, toEpoch: number): number {
  const examples = exampleCount(lineage.dataset, 'train');
  return giga(lineage, trainingPasses(lineage.recipe) * examples * (toEpoch - fromEpoch));
}

export function evaluationUnits(lineage: Lineage, { params }: EvaluateCell): number {
  const passes = measuringPasses + attackPasses(params.attack, layerNames(lineage.architecture).length);
  return giga(lineage, passes * exampleCount(lineage.dataset, params.split));
}
