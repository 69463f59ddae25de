/** Whether a sweep's grids hold a given point. Nothing is enumerated, so it is cheap at any sweep size. */
import { hasLabels } from '../labels.ts';
import { lastEpoch } from '../params.ts';
import { networkLayers } from '../architectures.ts';
import type { Pooling, Axis } from '../axes.ts';
import type { RecipeParams } from '../params.ts';
import type { EpochSelector, Grid, PartialMatch, Sweep } from '../sweep.ts';
import type { LabelConvention } from '../labels.ts';

export interface Point {
  readonly dataset: string;
  readonly architecture: string;
  readonly training: string;
  readonly seed: number;
  readonly epoch: number;
  /** `none` at epsilon 0. */
  readonly attack: string;
  /** Reduced fraction "p/q"; "0/1" when clean. */
  readonly epsilon: string;
  readonly layer: string;
  readonly pooling: Pooling;
  readonly split: 'train' | 'test';
  readonly labels: LabelConvention;
}

export const clean = '0/1';

/** An entry of an axis that yields the point's value: as the user wrote it, and its position in the axis. */
interface Hit {
  readonly label: string;
  readonly index: number;
}

/** Keeps hits only, because an axis may have many thousand entries, and a claim has many points. */
function hitsOf<T>(items: readonly T[], label: (item: T) => string, isHit: (item: T) => boolean): Hit[] {
  const hits: Hit[] = [];
  for (let index = 0; index < items.length; index += 1) {
    const item = items[index]!;
    if (isHit(item)) hits.push({ label: label(item), index });
  }
  return hits;
}

const named = (items: readonly { readonly name: string }[], name: string): Hit[] =>
  hitsOf(
    items,
    (item) => item.name,
    (item) => item.name === name,
  );

const plain = <T extends string | number>(items: readonly T[], isHit: (item: T) => boolean): Hit[] =>
  hitsOf(items, String, isHit);

function epochHit(sweep: Sweep, selector: EpochSelector, epoch: number, last: number): boolean {
  if (selector === 'last') return epoch === last;
  return epoch <= last && (selector === 'snapshots' ? sweep.snapshots.includes(epoch) : selector === epoch);
}

function hitsByAxis(sweep: Sweep, grid: Grid, point: Point): Readonly<Record<Axis, readonly Hit[]>> {
  const architecture = sweep.architectures.find((a) => a.name === point.architecture);
  const layers = architecture === undefined ? [] : networkLayers(architecture.params);
  const layer = layers.find((l) => l.name === point.layer);
  const training = sweep.trainings.find((t) => t.name === point.training);
  const last = training === undefined ? -1 : lastEpoch(training.params);
  const layerHit = (name: string): boolean =>
    layer !== undefined && (name === 'all' || name === layer.name || (name === 'last' && layer === layers.at(-1)));
  const attack = grid.attacks.find((a) => a.name === point.attack)?.params ?? { kind: 'none' };
  const dataset = sweep.datasets.find((d) => d.name === point.dataset)?.params;
  const attacks = grid.attacks.length > 0 ? grid.attacks : [{ name: 'none' }];
  return {
    dataset: named(sweep.datasets, point.dataset),
    architecture: named(sweep.architectures, point.architecture),
    training: named(sweep.trainings, point.training),
    seed: plain(sweep.seeds, (seed) => seed === point.seed),
    epoch: plain(grid.epochs, (epoch) => epochHit(sweep, epoch, point.epoch, last)),
    attack:
      point.epsilon === clean ? attacks.map(({ name }, index) => ({ label: name, index })) : named(grid.attacks, point.attack),
    epsilon: hitsOf(
      grid.epsilons,
      ({ label }) => label,
      ({ value }) => value === point.epsilon,
    ),
    layer: plain(grid.layers, layerHit),
    // A vector has only one form, so any requested pooling yields it.
    pooling: plain(grid.poolings, (pooling) => pooling === point.pooling || layer?.spatial === false),
    split: plain(grid.splits, (split) => split === point.split),
    labels: plain(grid.labels, (name) => name === point.labels && dataset !== undefined && hasLabels(name, attack, dataset)),
  };
}

const matches = (match: PartialMatch, labels: (axis: Axis) => readonly string[]): boolean =>
  Object.entries(match).every(([axis, listed]) => labels(axis as Axis).some((label) => listed.includes(label)));

/** Looks for a combination of entries that yields the point and that `zip`, `only` and `exclude` admit. */
function gridHolds(sweep: Sweep, grid: Grid, point: Point): boolean {
  const hits = hitsByAxis(sweep, grid, point);
  const axes = Object.keys(hits) as Axis[];
  const at: Partial<Record<Axis, Hit>> = {};
  const labels = (axis: Axis): readonly string[] => [String(point[axis]), at[axis]?.label ?? ''];
  const passes = (): boolean =>
    grid.zip.every((group) => new Set(group.map((axis) => at[axis]?.index)).size <= 1) &&
    (grid.only.length === 0 || grid.only.some((match) => matches(match, labels))) &&
    !grid.exclude.some((match) => matches(match, labels));
  const search = (level: number): boolean => {
    const axis = axes[level];
    if (axis === undefined) return passes();
    return hits[axis].some((hit) => {
      at[axis] = hit;
      return search(level + 1);
    });
  };
  return search(0);
}

const singlesOutSeeds = ({ only, exclude, zip }: Grid): boolean =>
  [...only, ...exclude].some((match) => 'seed' in match) || zip.some((group) => group.includes('seed'));

/** Seeds that between them show what any seed of the sweep has: one where no filter or zip tells seeds apart, else all. */
export const tellingSeeds = ({ seeds, grids }: Sweep): readonly number[] =>
  grids.some(singlesOutSeeds) ? seeds : seeds.slice(0, 1);

/** Whether some grid of the sweep requests the point. */
export const holds = (sweep: Sweep, point: Point): boolean => sweep.grids.some((grid) => gridHolds(sweep, grid, point));

/** Every epoch that some grid evaluates for a recipe, ascending. */
export function epochsAsked(sweep: Sweep, recipe: RecipeParams): readonly number[] {
  const last = lastEpoch(recipe);
  const of = (selector: EpochSelector): readonly number[] =>
    selector === 'last' ? [last] : selector === 'snapshots' ? sweep.snapshots : [selector];
  const all = sweep.grids.flatMap((grid) => grid.epochs.flatMap(of)).filter((epoch) => epoch <= last);
  return [...new Set(all)].sort((a, b) => a - b);
}
