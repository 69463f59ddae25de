/** One grid as written → a resolved grid; its names must exist, and budgets must fit their norm. */
import { asAttackParams, attackKind, attackOf, isTargeted, type Perturbing } from '@ncsweep/catalog/attacks';
import { poolings, type Axis } from '@ncsweep/catalog/axes';
import { conventionOf } from '@ncsweep/catalog/labels';
import type { SideLabel } from '@ncsweep/catalog/side-labels';
import type { AttackSpec, GridSpec } from '@ncsweep/catalog/language/spec';
import type { EpochSelector, Grid, Named, PartialMatch } from '@ncsweep/catalog/sweep';
import { checkLabel } from './check-label.ts';
import { meantText } from './closest-name.ts';
import type { KnownPlugins } from './known-plugins.ts';
import { expandIntegers } from './ranges.ts';
import type { Reporter } from './reporter.ts';
import { resolveEpsilons } from './resolve-epsilons.ts';
import { resolvePart } from './resolve-part.ts';
import { resolvePluggedAttack } from './resolve-plugged.ts';

/** What a grid may refer to; an axis with invalid entries is undefined, and nothing is checked against it. */
export interface Surroundings {
  readonly datasets: readonly string[] | undefined;
  readonly architectures: readonly string[] | undefined;
  readonly trainings: readonly string[] | undefined;
  readonly seeds: readonly number[] | undefined;
  /** Layers of all architectures. */
  readonly layers: readonly string[] | undefined;
  /** Side labels that some dataset has; undefined when unknown. */
  readonly sideLabels: readonly SideLabel[] | undefined;
  /** Number of classes by the dataset's label, where it is known. */
  readonly classes: ReadonlyMap<string, number>;
  /** Number of values of the largest image; undefined when unknown. */
  readonly pixels: number | undefined;
  readonly plugins: KnownPlugins;
  /** Epochs of the longest training; undefined when unknown. */
  readonly lastEpoch: number | undefined;
}

function resolveAttack(spec: AttackSpec, { plugins }: Surroundings, report: Reporter): Perturbing | undefined {
  const { kind } = spec;
  if (kind === 'plugin') return resolvePluggedAttack(spec, plugins, report);
  const part = attackOf({ kind });
  const values = resolvePart(attackKind, part, spec, report);
  return values && asAttackParams(part, values);
}

/** Names for rows without an attack. */
const cleanNames = ['none', 'clean'];

/** Refuses an attack that is not defined for so few classes as a dataset of the grid has. */
function checkClasses(params: Perturbing, { only }: GridSpec, { classes }: Surroundings, report: Reporter): void {
  const fewest = attackOf(params).fewestClasses?.(params) ?? 2;
  if (fewest === 2) return; // the dataset itself refuses fewer
  const used = [...classes].filter(([label]) => only?.dataset?.includes(label) !== false);
  const [label, count] = used.find(([, of]) => of < fewest) ?? [];
  if (label !== undefined)
    report.refuse(
      params.kind,
      `datasets of at least ${fewest} classes: its loss compares so many logits; ${label} has ${count}`,
      'write kind: apgd with objective: ce, or leave the dataset out with only',
    );
}

function resolveAttacks(spec: GridSpec, around: Surroundings, report: Reporter): Named<Perturbing>[] {
  return (spec.attack ?? []).flatMap((attack, i) => {
    const params = resolveAttack(attack, around, report.at('attack', i));
    if (params) checkClasses(params, spec, around, report.at('attack', i));
    if (cleanNames.includes(attack.name))
      report.at('attack', i, 'name').refuse(attack.name, 'another name: this one means clean evaluations', 'rename it');
    else checkLabel(attack.name, report.at('attack', i, 'name'));
    if (spec.attack!.findIndex((a) => a.name === attack.name) < i)
      report.at('attack', i, 'name').refuse(attack.name, 'another name than the attacks before it', 'rename one of them');
    return params === undefined ? [] : [{ name: attack.name, params }];
  });
}

function resolveEpochs(spec: GridSpec, { lastEpoch = Infinity }: Surroundings, report: Reporter): EpochSelector[] {
  const epochs = new Set<EpochSelector>();
  for (const [i, entry] of (spec.epoch ?? ['last']).entries()) {
    if (entry === 'last' || entry === 'snapshots') {
      epochs.add(entry);
      continue;
    }
    const place = report.at('epoch', i);
    const expanded = expandIntegers(entry);
    if ('wrong' in expanded) place.refuse(entry, expanded.wrong, 'as in 1..5');
    else {
      for (const epoch of expanded.values) epochs.add(epoch);
      if (expanded.values.at(-1)! > lastEpoch)
        place.refuse(entry, `at most ${lastEpoch}, the longest training's epochs`, 'write last, or train for longer');
    }
  }
  return [...epochs];
}

function resolveLayers(spec: GridSpec, around: Surroundings, report: Reporter): readonly string[] {
  const layers = spec.layer ?? ['all'];
  const known = around.layers && ['all', 'last', ...around.layers];
  layers.forEach((layer, i) => {
    if (known && !known.includes(layer))
      report.at('layer', i).refuse(layer, 'a layer of one of the architectures, all or last', meantText(layer, known));
  });
  return layers;
}

/** The labels of each axis's entries; undefined where one of them is not known. */
function labelsOf(
  grid: Omit<Grid, 'only' | 'exclude' | 'zip'>,
  attackNames: readonly string[],
  around: Surroundings,
  report: Reporter,
): Record<Axis, readonly string[] | undefined> {
  const ifWhole = (axis: Axis, labels: readonly string[]): readonly string[] | undefined =>
    report.at(axis).isWhole ? labels : undefined;
  return {
    dataset: around.datasets,
    architecture: around.architectures,
    training: around.trainings,
    seed: around.seeds?.map(String),
    epoch: undefined,
    attack: report.at('attack').hasAll ? ['none', ...attackNames] : undefined,
    epsilon: ifWhole(
      'epsilon',
      grid.epsilons.flatMap((e) => [e.label, e.value]),
    ),
    layer: around.layers && ['all', 'last', ...around.layers],
    pooling: ifWhole('pooling', grid.poolings),
    split: ifWhole('split', grid.splits),
    labels: ifWhole('labels', grid.labels),
  };
}

/** Refuses label conventions that no trial of the grid would have. */
function checkConventions(
  { attacks, labels }: Pick<Grid, 'attacks' | 'labels'>,
  { sideLabels }: Surroundings,
  report: Reporter,
): void {
  const targeted = !report.at('attack').isWhole || attacks.some(({ params }) => isTargeted(params));
  for (const [i, name] of labels.entries()) {
    const { sideLabel } = conventionOf(name);
    const place = report.at('labels', i);
    if (name === 'target' && !targeted)
      place.refuse(name, 'labels by target only with a targeted attack', 'add target: next-class to an attack, or remove it');
    if (sideLabel !== undefined && sideLabels?.includes(sideLabel) === false)
      place.refuse(name, `labels by ${name} only with a dataset whose examples have them`, 'remove it, or add such a dataset');
  }
}

function resolveMatch(
  match: Partial<Record<Axis, readonly (number | string)[] | undefined>>,
  known: ReturnType<typeof labelsOf>,
  report: Reporter,
): PartialMatch {
  const resolved: Partial<Record<Axis, string[]>> = {};
  for (const [axis, listed] of Object.entries(match) as [Axis, readonly (number | string)[]][]) {
    const expanded = listed.flatMap((entry) => (axis === 'seed' || axis === 'epoch' ? integersOf(entry) : [String(entry)]));
    listed.forEach((entry, i) => {
      const unknown = (axis === 'seed' ? integersOf(entry) : [String(entry)]).find(
        (label) => known[axis] && !known[axis].includes(label),
      );
      if (unknown !== undefined)
        report.at(axis, i).refuse(entry, `a label of the axis ${axis}`, meantText(unknown, known[axis]!));
    });
    resolved[axis] = expanded;
  }
  return resolved;
}

/** The labels that a match lists as a range. */
function integersOf(entry: number | string): string[] {
  if (typeof entry === 'string' && !/^\d+\.\.\d+$/.test(entry)) return [entry];
  const expanded = expandIntegers(entry);
  return 'wrong' in expanded ? [String(entry)] : expanded.values.map(String);
}

function checkZip(grid: Omit<Grid, 'only' | 'exclude' | 'zip'>, spec: GridSpec, around: Surroundings, report: Reporter): void {
  const lengths: Record<Axis, number | undefined> = {
    dataset: around.datasets?.length,
    architecture: around.architectures?.length,
    training: around.trainings?.length,
    seed: around.seeds?.length,
    epoch: grid.epochs.length,
    attack: grid.attacks.length,
    epsilon: grid.epsilons.length,
    layer: grid.layers.length,
    pooling: grid.poolings.length,
    split: grid.splits.length,
    labels: grid.labels.length,
  };
  const used = new Set<Axis>();
  spec.zip?.forEach((group, i) => {
    const place = report.at('zip', i);
    if (group.length < 2) place.refuse(group, 'at least two axes', 'add the axis to advance with, or remove the group');
    group.forEach((axis, j) => {
      if (used.has(axis)) place.at(j).refuse(axis, 'an axis in no other place of zip', 'remove it here');
      used.add(axis);
    });
    const found = group.map((axis) => (report.at(axis).isWhole ? lengths[axis] : undefined));
    if (!found.includes(undefined) && new Set(found).size > 1)
      place.refuse(
        group.map((axis, j) => `${axis}: ${found[j]}`),
        'axes of equal length',
        'give them the same number of entries',
      );
  });
}

export function resolveGrid(spec: GridSpec, around: Surroundings, report: Reporter): Grid {
  const attacks = resolveAttacks(spec, around, report);
  const grid = {
    name: spec.name,
    epochs: resolveEpochs(spec, around, report),
    attacks,
    epsilons: resolveEpsilons(spec, attacks, around.pixels, report),
    layers: resolveLayers(spec, around, report),
    poolings: spec.pooling ?? poolings,
    splits: spec.split ?? (['train'] as const),
    labels: spec.labels ?? (['given'] as const),
  };
  checkConventions(grid, around, report);
  checkZip(grid, spec, around, report);
  const attackNames = (spec.attack ?? []).map((attack) => attack.name);
  const known = labelsOf(grid, attackNames, around, report);
  return {
    ...grid,
    only: spec.only === undefined ? [] : [resolveMatch(spec.only, known, report.at('only'))],
    exclude: (spec.exclude ?? []).map((match, i) => resolveMatch(match, known, report.at('exclude', i))),
    zip: spec.zip ?? [],
  };
}
