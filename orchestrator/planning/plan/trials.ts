/** The trials of a sweep as a stream: memory grows with the number of cells, not of trials. */
import { hasLabels } from '@ncsweep/catalog/labels';
import { lastEpoch } from '@ncsweep/catalog/params';
import { networkLayers } from '@ncsweep/catalog/architectures';
import { poolingsOf, type Layer } from '@ncsweep/catalog/network/layers';
import type { Pooling, Axis } from '@ncsweep/catalog/axes';
import type { ArchitectureParams } from '@ncsweep/catalog/architectures';
import type { AttackParams } from '@ncsweep/catalog/attacks';
import type { RecipeParams } from '@ncsweep/catalog/params';
import type { EpochSelector, Grid, Named, Sweep } from '@ncsweep/catalog/sweep';
import type { LabelConvention } from '@ncsweep/catalog/labels';
import { axesOf, gridPoints, isKept, type Axes, type Indices } from './grid-points.ts';
import { PlaceNumbers } from './place-numbers.ts';
import { SeenRows, type Looks } from './seen-rows.ts';
import type { Look, Place, Spot, Trial } from './trial.ts';

const clean: Named<AttackParams> = { name: 'none', params: { kind: 'none' } };
const zero = { label: '0', value: '0/1' };

/** The epochs that a selector means for a recipe; none if the recipe does not reach it. */
export function epochsOf(selector: EpochSelector, sweep: Sweep, recipe: RecipeParams): readonly number[] {
  const last = lastEpoch(recipe);
  const asked = selector === 'last' ? [last] : selector === 'snapshots' ? sweep.snapshots : [selector];
  return asked.filter((epoch) => epoch <= last);
}

/** The sweep's `snapshots` that a recipe reaches: their weights are kept even if no grid evaluates them. */
export const keptEpochs = (sweep: Sweep, recipe: RecipeParams): readonly number[] =>
  recipe.kind === 'train' ? epochsOf('snapshots', sweep, recipe) : [];

interface PlacedLayer extends Layer {
  readonly depth: number;
}

function layersOf(architecture: ArchitectureParams): (selector: string) => readonly PlacedLayer[] {
  const layers = networkLayers(architecture).map((layer, depth) => ({ ...layer, depth }));
  return (selector) => {
    if (selector === 'all') return layers;
    return selector === 'last' ? layers.slice(-1) : layers.filter((layer) => layer.name === selector);
  };
}

type LayersOf = (architecture: ArchitectureParams) => (selector: string) => readonly PlacedLayer[];

interface Pass {
  readonly sweep: Sweep;
  readonly layers: LayersOf;
  readonly numbers: PlaceNumbers;
  readonly seen: SeenRows;
}

/** Where the grids of a sweep look. */
function looksOf({ architectures, grids }: Sweep, layers: LayersOf): Looks {
  const selectors = new Set(grids.flatMap((grid) => grid.layers));
  const placed = architectures.flatMap(({ params }) => [...selectors].flatMap(layers(params)));
  return {
    depths: [...new Set(placed.map(({ depth }) => depth))],
    // Vectors have no other form.
    poolings: [...new Set(['flatten' as const, ...grids.flatMap((grid) => grid.poolings)])],
    labels: [...new Set(grids.flatMap((grid) => grid.labels))],
  };
}

function startPass(sweep: Sweep): Pass {
  const known = new Map(sweep.architectures.map(({ params }) => [params, layersOf(params)]));
  const layers: LayersOf = (architecture) => known.get(architecture) ?? layersOf(architecture);
  return { sweep, layers, numbers: new PlaceNumbers(sweep), seen: new SeenRows(looksOf(sweep, layers)) };
}

/** Epsilon 0 is the one clean place that all attacks share. */
function spotAt(axes: Axes, at: Indices, epoch: number): Spot {
  const isClean = axes.epsilon[at.epsilon]!.value === zero.value || axes.attack[at.attack]!.params.kind === 'none';
  return {
    dataset: axes.dataset[at.dataset]!,
    architecture: axes.architecture[at.architecture]!,
    training: axes.training[at.training]!,
    seed: axes.seed[at.seed]!,
    epoch,
    attack: isClean ? clean : axes.attack[at.attack]!,
    epsilon: isClean ? zero : axes.epsilon[at.epsilon]!,
    split: axes.split[at.split]!,
  };
}

/**
 * Vectors have one form, so any requested pooling yields it. Labels by target exist only under a targeted attack, and side labels
 * only in datasets that have them.
 */
function lookAt(spot: Spot, layer: PlacedLayer, pooling: Pooling, labels: LabelConvention): Look | undefined {
  if (!hasLabels(labels, spot.attack.params, spot.dataset.params)) return undefined;
  return {
    layer: layer.name,
    depth: layer.depth,
    pooling: poolingsOf(layer).includes(pooling) ? pooling : 'flatten',
    labels,
  };
}

function isAsked(grid: Grid, axes: Axes, at: Indices, spot: Spot, look: Look): boolean {
  if (grid.only.length === 0 && grid.exclude.length === 0) return true;
  const names = (axis: Axis): readonly string[] => {
    switch (axis) {
      case 'dataset':
      case 'architecture':
      case 'training':
        return [spot[axis].name];
      case 'seed':
      case 'split':
        return [String(spot[axis])];
      case 'epoch':
        return [String(axes.epoch[at.epoch]), String(spot.epoch)];
      case 'attack':
        return [axes.attack[at.attack]!.name, spot.attack.name];
      case 'epsilon':
        return [axes.epsilon[at.epsilon]!.label, spot.epsilon.label, spot.epsilon.value];
      case 'layer':
        return [axes.layer[at.layer]!, look.layer];
      case 'pooling':
        return [axes.pooling[at.pooling]!, look.pooling];
      case 'labels':
        return [look.labels];
      default:
        return axis satisfies never;
    }
  };
  return isKept(grid, names);
}

function* gridTrials(pass: Pass, grid: Grid): Generator<Trial> {
  const axes = axesOf(pass.sweep, grid);
  for (const at of gridPoints(axes, grid.zip)) {
    const layers = pass.layers(axes.architecture[at.architecture]!.params)(axes.layer[at.layer]!);
    for (const epoch of epochsOf(axes.epoch[at.epoch]!, pass.sweep, axes.training[at.training]!.params)) {
      const spot = spotAt(axes, at, epoch);
      let place: Place | undefined;
      for (const layer of layers) {
        const look = lookAt(spot, layer, axes.pooling[at.pooling]!, axes.labels[at.labels]!);
        if (look === undefined || !isAsked(grid, axes, at, spot, look)) continue;
        place ??= pass.numbers.place(spot);
        yield { place, ...look };
      }
    }
  }
}

/**
 * Yields every trial once, in the order of the grids. Two names for equal parameters are two trials of one cell.
 * @param onRepeat called for each trial that a further grid requests; within one grid a point counts once
 */
export function* trials(sweep: Sweep, onRepeat: (trial: Trial) => void = () => undefined): Generator<Trial> {
  const pass = startPass(sweep);
  for (const [index, grid] of sweep.grids.entries())
    for (const trial of gridTrials(pass, grid)) {
      const last = pass.seen.mark(trial, index + 1);
      if (last === 0) yield trial;
      else if (last !== index + 1) onRepeat(trial);
    }
}
