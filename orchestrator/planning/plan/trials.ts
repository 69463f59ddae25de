/** The trials of a sweep as a stream: memory grows with the number of cells, not of trials. */
import { poolings } from '@ncsweep/catalog/axes';
import { hasLabels, labelNames } from '@ncsweep/catalog/labels';
import { lastEpoch } from '@ncsweep/catalog/params';
import { networkLayers } from '@ncsweep/catalog/architectures';
import { poolingsOf, type Layer } from '@ncsweep/catalog/network/layers';
import type { Pooling, Axis } from '@ncsweep/catalog/axes';
import { canonicalJson } from '@ncsweep/protocol/canonical';
import type { ArchitectureParams } from '@ncsweep/catalog/architectures';
import type { AttackParams } from '@ncsweep/catalog/attacks';
import type { RecipeParams } from '@ncsweep/catalog/params';
import type { EpochSelector, Grid, Named, Sweep } from '@ncsweep/catalog/sweep';
import type { LabelConvention } from '@ncsweep/catalog/labels';
import { axesOf, gridPoints, isKept, type Axes, type Indices } from './grid-points.ts';
import type { Place, Trial } from './trial.ts';

const clean: Named<AttackParams> = { name: 'none', params: { kind: 'none' } };
const zero = { label: '0', value: '0/1' };

/** The epochs that a selector means for a recipe; none if the recipe does not reach it. */
function epochsOf(selector: EpochSelector, sweep: Sweep, recipe: RecipeParams): readonly number[] {
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

/** Gives equal values the same number, even if they are different objects. */
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

/** The names that the sweep gives to its parameters. */
interface Names {
  /** A number for each distinct content. Numbers of different axes never coincide, since their parameters differ. */
  readonly id: (params: unknown) => number;
  /** By the number of the parameters, the alphabetically first name, which does not depend on the order of entries or grids. */
  readonly first: ReadonlyMap<number, string>;
}

function namesIn({ datasets, architectures, trainings, grids }: Sweep): Names {
  const id = interner();
  const first = new Map<number, string>();
  for (const { name, params } of [datasets, architectures, trainings, ...grids.map(({ attacks }) => attacks)].flat()) {
    const known = first.get(id(params));
    if (known === undefined || name < known) first.set(id(params), name);
  }
  return { id, first };
}

function aliasOf({ id, first }: Names, named: readonly Named<unknown>[]): string {
  const areFirst = named.every(({ name, params }) => (first.get(id(params)) ?? name) === name);
  return areFirst ? '' : named.map(({ name }) => `\n${name}`).join('');
}

/** For each row of each place, 1 + the index of the last grid that requested it (0: none yet), in one growing array. */
interface Seen {
  readonly placeKeys: Map<string, number>;
  rows: Uint16Array;
}

interface Pass {
  readonly sweep: Sweep;
  readonly seen: Seen;
  readonly rowsPerPlace: number;
  readonly names: Names;
  readonly layers: (architecture: ArchitectureParams) => (selector: string) => readonly PlacedLayer[];
}

function startPass(sweep: Sweep): Pass {
  const layers = new Map(sweep.architectures.map(({ params }) => [params, layersOf(params)]));
  const most = sweep.architectures.reduce((n, { params }) => Math.max(n, networkLayers(params).length), 0);
  const seen = { placeKeys: new Map<string, number>(), rows: new Uint16Array(1024) };
  const rowsPerPlace = most * poolings.length * labelNames.length;
  return { sweep, seen, rowsPerPlace, names: namesIn(sweep), layers: (a) => layers.get(a) ?? layersOf(a) };
}

/** The index of a trial's mark; the array grows when its place is new. */
function rowOf({ seen, rowsPerPlace }: Pass, { place, depth, pooling, labels }: Trial): number {
  const key = place.key + place.alias;
  let index = seen.placeKeys.get(key);
  if (index === undefined) {
    index = seen.placeKeys.size;
    seen.placeKeys.set(key, index);
    if ((index + 1) * rowsPerPlace > seen.rows.length) {
      const grown = new Uint16Array(2 * (index + 1) * rowsPerPlace);
      grown.set(seen.rows);
      seen.rows = grown;
    }
  }
  const look = (depth * poolings.length + poolings.indexOf(pooling)) * labelNames.length + labelNames.indexOf(labels);
  return index * rowsPerPlace + look;
}

/** Epsilon 0 is the one clean place that all attacks share. */
function placeAt({ names }: Pass, axes: Axes, at: Indices, epoch: number): Place {
  const dataset = axes.dataset[at.dataset]!;
  const architecture = axes.architecture[at.architecture]!;
  const training = axes.training[at.training]!;
  const [seed, split] = [axes.seed[at.seed]!, axes.split[at.split]!];
  const isClean = axes.epsilon[at.epsilon]!.value === zero.value || axes.attack[at.attack]!.params.kind === 'none';
  const attack = isClean ? clean : axes.attack[at.attack]!;
  const epsilon = isClean ? zero : axes.epsilon[at.epsilon]!;
  const named = [dataset, architecture, training, attack];
  const trainingKey = `${[dataset, architecture, training].map(({ params }) => names.id(params)).join('.')}.${seed}`;
  const key = `${trainingKey}.${epoch}.${names.id(attack.params)}.${split}.${epsilon.value}`;
  const alias = aliasOf(names, named);
  return { key, trainingKey, alias, dataset, architecture, training, seed, epoch, attack, epsilon, split };
}

/**
 * Vectors have one form, so any requested pooling yields it. Labels by target exist only under a targeted attack, and side labels
 * only in datasets that have them.
 */
function trialOf(place: Place, layer: PlacedLayer, pooling: Pooling, labels: LabelConvention): Trial | undefined {
  if (!hasLabels(labels, place.attack.params, place.dataset.params)) return undefined;
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

function* gridTrials(pass: Pass, grid: Grid): Generator<Trial> {
  const axes = axesOf(pass.sweep, grid);
  for (const at of gridPoints(axes, grid.zip)) {
    const layers = pass.layers(axes.architecture[at.architecture]!.params)(axes.layer[at.layer]!);
    for (const epoch of epochsOf(axes.epoch[at.epoch]!, pass.sweep, axes.training[at.training]!.params)) {
      const place = placeAt(pass, axes, at, epoch);
      for (const layer of layers) {
        const trial = trialOf(place, layer, axes.pooling[at.pooling]!, axes.labels[at.labels]!);
        if (trial !== undefined && isAsked(grid, axes, at, trial)) yield trial;
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
      const row = rowOf(pass, trial);
      const last = pass.seen.rows[row];
      pass.seen.rows[row] = index + 1;
      if (last === 0) yield trial;
      else if (last !== index + 1) onRepeat(trial);
    }
}
