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

/** An entry of an axis as the user wrote it, and whether it yields the point's value. */
interface Entry {
  readonly label: string;
  readonly hit: boolean;
}

const named = (items: readonly { readonly name: string }[], name: string): Entry[] =>
  items.map((item) => ({ label: item.name, hit: item.name === name }));

const plain = <T extends string | number>(items: readonly T[], value: T): Entry[] =>
  items.map((item) => ({ label: String(item), hit: item === value }));

function epochHit(sweep: Sweep, selector: EpochSelector, epoch: number, last: number): boolean {
  if (selector === 'last') return epoch === last;
  return epoch <= last && (selector === 'snapshots' ? sweep.snapshots.includes(epoch) : selector === epoch);
}

function entriesOf(sweep: Sweep, grid: Grid, point: Point): Readonly<Record<Axis, readonly Entry[]>> {
  const architecture = sweep.architectures.find((a) => a.name === point.architecture);
  const layers = architecture === undefined ? [] : networkLayers(architecture.params);
  const layer = layers.find((l) => l.name === point.layer);
  const training = sweep.trainings.find((t) => t.name === point.training);
  const last = training === undefined ? -1 : lastEpoch(training.params);
  const layerHit = (name: string): boolean =>
    layer !== undefined && (name === 'all' || name === layer.name || (name === 'last' && layer === layers.at(-1)));
  const attack = grid.attacks.find((a) => a.name === point.attack)?.params ?? { kind: 'none' };
  const dataset = sweep.datasets.find((d) => d.name === point.dataset)?.params;
  return {
    dataset: named(sweep.datasets, point.dataset),
    architecture: named(sweep.architectures, point.architecture),
    training: named(sweep.trainings, point.training),
    seed: plain(sweep.seeds, point.seed),
    epoch: grid.epochs.map((e) => ({ label: String(e), hit: epochHit(sweep, e, point.epoch, last) })),
    attack:
      point.epsilon === clean
        ? (grid.attacks.length > 0 ? grid.attacks : [{ name: 'none' }]).map((a) => ({ label: a.name, hit: true }))
        : named(grid.attacks, point.attack),
    epsilon: grid.epsilons.map((e) => ({ label: e.label, hit: e.value === point.epsilon })),
    layer: grid.layers.map((l) => ({ label: l, hit: layerHit(l) })),
    // A vector has only one form, so any requested pooling yields it.
    pooling: grid.poolings.map((p) => ({ label: p, hit: p === point.pooling || layer?.spatial === false })),
    split: plain(grid.splits, point.split),
    labels: grid.labels.map((name) => ({
      label: name,
      hit: name === point.labels && dataset !== undefined && hasLabels(name, attack, dataset),
    })),
  };
}

const matches = (match: PartialMatch, labels: (axis: Axis) => readonly string[]): boolean =>
  Object.entries(match).every(([axis, listed]) => labels(axis as Axis).some((label) => listed.includes(label)));

/** Looks for a combination of entries that yields the point and that `zip`, `only` and `exclude` admit. */
function gridHolds(sweep: Sweep, grid: Grid, point: Point): boolean {
  const entries = entriesOf(sweep, grid, point);
  const axes = Object.keys(entries) as Axis[];
  const at: Partial<Record<Axis, number>> = {};
  const labels = (axis: Axis): readonly string[] => [String(point[axis]), entries[axis][at[axis] ?? -1]?.label ?? ''];
  const passes = (): boolean =>
    grid.zip.every((group) => new Set(group.map((axis) => at[axis])).size <= 1) &&
    (grid.only.length === 0 || grid.only.some((match) => matches(match, labels))) &&
    !grid.exclude.some((match) => matches(match, labels));
  const search = (level: number): boolean => {
    const axis = axes[level];
    if (axis === undefined) return passes();
    return entries[axis].some((entry, i) => {
      at[axis] = i;
      return entry.hit && search(level + 1);
    });
  };
  return search(0);
}

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
