/** Trials of a sweep as a stream: memory grows with its cells, not with its trials. */
import { layerNames, poolingsOf, type LayerName, type Pooling } from '@ncsweep/protocol/architectures';
import { canonicalJson } from '@ncsweep/protocol/canonical';
import type { ArchitectureParams, AttackParams, RecipeParams } from '@ncsweep/protocol/params';
import type { Axis, EpochSelector, Grid, LabelConvention, Named, Sweep } from '@ncsweep/protocol/sweep';
import { axesOf, gridPoints, isKept, type Axes, type Indices } from './grid-points.ts';
import type { Place, Trial } from './trial.ts';

const poolings = ['flatten', 'gap'] as const satisfies readonly Pooling[];
const conventions = ['given', 'predicted', 'target'] as const satisfies readonly LabelConvention[];
const clean: Named<AttackParams> = { name: 'none', params: { kind: 'none' } };
const zero = { label: '0', value: '0/1' };

/** The recipe's final epoch; imported weights have epoch 0 only. */
const lastEpoch = (recipe: RecipeParams): number => (recipe.kind === 'train' ? recipe.epochs : 0);

/** Epochs that a selector means for a recipe; one that the recipe does not reach means none. */
function epochsOf(selector: EpochSelector, sweep: Sweep, recipe: RecipeParams): readonly number[] {
  const last = lastEpoch(recipe);
  const asked = selector === 'last' ? [last] : selector === 'snapshots' ? sweep.snapshots : [selector];
  return asked.filter((epoch) => epoch <= last);
}

/** The sweep's `snapshots` that a recipe reaches: weights that are kept even when no grid evaluates them. */
export const keptEpochs = (sweep: Sweep, recipe: RecipeParams): readonly number[] =>
  recipe.kind === 'train' ? epochsOf('snapshots', sweep, recipe) : [];

interface Layer extends LayerName {
  readonly depth: number;
}

function layersOf(architecture: ArchitectureParams): (selector: string) => readonly Layer[] {
  const layers = layerNames(architecture).map((layer, depth) => ({ ...layer, depth }));
  return (selector) => {
    if (selector === 'all') return layers;
    return selector === 'last' ? layers.slice(-1) : layers.filter((layer) => layer.name === selector);
  };
}

const isTargeted = (attack: AttackParams): boolean => 'target' in attack && attack.target !== 'none';

/** Numbers equal values with equal numbers, whatever object they come as. */
function interner(): (value: unknown) => number {
  const byIdentity = new Map<unknown, number>();
  const byContent = new Map<string, number>();
  return (value) => {
    let id = byIdentity.get(value);
    if (id === undefined) {
      const content = canonicalJson(value);
      id = byContent.get(content) ?? byContent.size;
      byContent.set(content, id);
      byIdentity.set(value, id);
    }
    return id;
  };
}

/** A place and, for each of its rows, 1 + the index of the last grid that asked for it (0: none yet). */
interface Seen {
  readonly place: Place;
  readonly rows: Uint16Array;
}

interface Pass {
  readonly sweep: Sweep;
  readonly places: Map<string, Seen>;
  readonly id: (value: unknown) => number;
  readonly layers: (architecture: ArchitectureParams) => (selector: string) => readonly Layer[];
}

function startPass(sweep: Sweep): Pass {
  const layers = new Map(sweep.architectures.map(({ params }) => [params, layersOf(params)]));
  return { sweep, places: new Map(), id: interner(), layers: (a) => layers.get(a) ?? layersOf(a) };
}

/** Epsilon 0 is the one clean place that all attacks share. */
function placeAt(pass: Pass, axes: Axes, at: Indices, epoch: number): Seen {
  const [dataset, architecture, training] = [
    axes.dataset[at.dataset]!,
    axes.architecture[at.architecture]!,
    axes.training[at.training]!,
  ];
  const [seed, split] = [axes.seed[at.seed]!, axes.split[at.split]!];
  const isClean = axes.epsilon[at.epsilon]!.value === zero.value || axes.attack[at.attack]!.params.kind === 'none';
  const attack = isClean ? clean : axes.attack[at.attack]!;
  const epsilon = isClean ? zero : axes.epsilon[at.epsilon]!;
  const ids = [dataset, architecture, training, attack].map((named) => pass.id(named.params));
  const key = `${ids.join('.')}.${seed}.${epoch}.${split}.${epsilon.value}`;
  const known = pass.places.get(key);
  if (known !== undefined) return known;
  const place = { key, dataset, architecture, training, seed, epoch, attack, epsilon, split };
  const rows = new Uint16Array(layerNames(architecture.params).length * poolings.length * conventions.length);
  const seen = { place, rows };
  pass.places.set(key, seen);
  return seen;
}

/** Vectors have one form, so any pooling asked for yields it; labels by target exist only under a targeted attack. */
function trialOf({ place }: Seen, layer: Layer, pooling: Pooling, labels: LabelConvention): Trial | undefined {
  if (labels === 'target' && !isTargeted(place.attack.params)) return undefined;
  return {
    place,
    layer: layer.name,
    depth: layer.depth,
    pooling: poolingsOf(layer).includes(pooling) ? pooling : 'flatten',
    labels,
  };
}

function isAsked(grid: Grid, axes: Axes, at: Indices, trial: Trial): boolean {
  if (grid.only.length === 0 && grid.exclude.length === 0) return true;
  const { place } = trial;
  const names = (axis: Axis): readonly string[] => {
    switch (axis) {
      case 'dataset':
      case 'architecture':
      case 'training':
        return [place[axis].name];
      case 'seed':
      case 'split':
        return [String(place[axis])];
      case 'epoch':
        return [String(axes.epoch[at.epoch]), String(place.epoch)];
      case 'attack':
        return [axes.attack[at.attack]!.name, place.attack.name];
      case 'epsilon':
        return [axes.epsilon[at.epsilon]!.label, place.epsilon.label, place.epsilon.value];
      case 'layer':
        return [axes.layer[at.layer]!, trial.layer];
      case 'pooling':
        return [axes.pooling[at.pooling]!, trial.pooling];
      case 'labels':
        return [trial.labels];
      default:
        return axis satisfies never;
    }
  };
  return isKept(grid, names);
}

function* gridTrials(pass: Pass, grid: Grid): Generator<{ seen: Seen; trial: Trial }> {
  const axes = axesOf(pass.sweep, grid);
  for (const at of gridPoints(axes, grid.zip)) {
    const layers = pass.layers(axes.architecture[at.architecture]!.params)(axes.layer[at.layer]!);
    for (const epoch of epochsOf(axes.epoch[at.epoch]!, pass.sweep, axes.training[at.training]!.params)) {
      const seen = placeAt(pass, axes, at, epoch);
      for (const layer of layers) {
        const trial = trialOf(seen, layer, axes.pooling[at.pooling]!, axes.labels[at.labels]!);
        if (trial !== undefined && isAsked(grid, axes, at, trial)) yield { seen, trial };
      }
    }
  }
}

/**
 * Every trial once, in the order of the grids. Two names for equal parameters are the same trial; the first name stays.
 * @param onRepeat called for each trial that a further grid asks for; inside one grid a point counts once
 */
export function* trials(sweep: Sweep, onRepeat: (trial: Trial) => void = () => undefined): Generator<Trial> {
  const pass = startPass(sweep);
  for (const [index, grid] of sweep.grids.entries())
    for (const { seen, trial } of gridTrials(pass, grid)) {
      const row =
        (trial.depth * poolings.length + poolings.indexOf(trial.pooling)) * conventions.length +
        conventions.indexOf(trial.labels);
      const last = seen.rows[row];
      seen.rows[row] = index + 1;
      if (last === 0) yield trial;
      else if (last !== index + 1) onRepeat(trial);
    }
}
