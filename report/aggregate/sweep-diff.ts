/** What differs between two sweeps: their specs, their cells, and the numbers of shared trials. Pure. */
import type { Sweep } from '@ncsweep/catalog/sweep';
import type { SweepTables } from '@ncsweep/catalog/sweep-tables';
import type { TrialRow } from '@ncsweep/protocol/tables';

export interface FieldDifference {
  /** E.g. "trainings.AT.params.epochs": list entries appear under their names. */
  readonly path: string;
  /** Undefined if absent. */
  readonly a: unknown;
  readonly b: unknown;
}

export interface MetricDifference {
  readonly metric: string;
  /** Number of trials that have the number in both. */
  readonly compared: number;
  readonly differing: number;
  /** Largest |a − b|, absolute and relative to the larger of |a| and |b|. */
  readonly largest: number;
  readonly largestRelative: number;
  /** Trial of A with the largest relative difference. */
  readonly worstTrial: string;
}

export interface SweepDiff {
  readonly spec: readonly FieldDifference[];
  readonly cells: { readonly shared: number; readonly onlyA: readonly string[]; readonly onlyB: readonly string[] };
  /** Differences in how the shared trials were computed: backend, threads, device, versions. */
  readonly numerics: readonly FieldDifference[];
  readonly trials: { readonly shared: number; readonly withNumbers: number; readonly onlyA: number; readonly onlyB: number };
  readonly metrics: readonly MetricDifference[];
}

type Flat = Map<string, unknown>;

/** Epsilons are represented by their labels. */
const isLabelled = (item: unknown): item is { readonly label: string } =>
  typeof item === 'object' && item !== null && 'label' in item;

/** A list entry appears under its name, so that inserting one does not shift the others. */
function named(item: unknown, index: number): [string, unknown] {
  if (typeof item !== 'object' || item === null || !('name' in item)) return [String(index), item];
  const { name, ...rest } = item;
  return [String(name), rest];
}

function flatten(value: unknown, path: string, into: Flat): Flat {
  if (typeof value !== 'object' || value === null) return into.set(path, value);
  if (Array.isArray(value)) {
    const labels = value.map((item: unknown) => (isLabelled(item) ? item.label : item));
    if (labels.every((item) => typeof item !== 'object')) return into.set(path, labels.join(', '));
  }
  const entries = Array.isArray(value) ? value.map(named) : Object.entries(value);
  for (const [name, each] of entries) flatten(each, path === '' ? name : `${path}.${name}`, into);
  return into;
}

function fieldDifferences(a: Flat, b: Flat): FieldDifference[] {
  const paths = [...new Set([...a.keys(), ...b.keys()])].sort();
  return paths.filter((path) => a.get(path) !== b.get(path)).map((path) => ({ path, a: a.get(path), b: b.get(path) }));
}

/** The spec without the locations of files on a machine. */
function asked({ sources: _sources, ...sweep }: Sweep): Flat {
  return flatten(sweep, '', new Map());
}

/** Fields in which the specs of two sweeps differ. */
export const askedDifferences = (a: Sweep, b: Sweep): readonly FieldDifference[] => fieldDifferences(asked(a), asked(b));

/** A trial by the names of its axes: equal in both sweeps, whatever backend computed it. */
const trialKey = (t: TrialRow): string =>
  [t.dataset, t.architecture, t.training, t.seed, t.epoch, t.attack, t.epsilon, t.split, t.layer, t.pooling, t.labels].join('\n');

const numericsOf = ({ cells }: SweepTables): Flat => {
  const seen = (pick: (cell: SweepTables['cells'][number]) => unknown): string =>
    [...new Set(cells.map(pick).filter((value) => value !== undefined))].map(String).sort().join(', ');
  const versions = seen(
    (cell) =>
      cell.versions &&
      Object.entries(cell.versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(' '),
  );
  return new Map<string, unknown>([
    ...(['backend', 'threads', 'device', 'buildId'] as const).map((name): [string, unknown] => [
      name,
      seen((cell) => cell[name]),
    ]),
    ['versions', versions],
  ]);
};

function metricDifferences(pairs: readonly (readonly [TrialRow, TrialRow])[]): MetricDifference[] {
  const found = new Map<string, MetricDifference>();
  for (const [a, b] of pairs)
    for (const [metric, x] of Object.entries(a.metrics)) {
      const y = b.metrics[metric];
      if (y === undefined) continue;
      const size = Object.is(x, y) || x === y ? 0 : Math.abs(x - y);
      const relative = size === 0 ? 0 : size / Math.max(Math.abs(x), Math.abs(y));
      const before = found.get(metric) ?? {
        metric,
        compared: 0,
        differing: 0,
        largest: 0,
        largestRelative: 0,
        worstTrial: a.trialId,
      };
      const isWorst = !(relative <= before.largestRelative);
      found.set(metric, {
        metric,
        compared: before.compared + 1,
        differing: before.differing + (size === 0 ? 0 : 1),
        largest: size > before.largest || Number.isNaN(size) ? size : before.largest,
        largestRelative: isWorst ? relative : before.largestRelative,
        worstTrial: isWorst ? a.trialId : before.worstTrial,
      });
    }
  return [...found.values()];
}

/** @param scienceVersions under which each was planned */
export function diffSweeps(
  a: SweepTables,
  b: SweepTables,
  scienceVersions: { readonly a: Readonly<Record<string, number>>; readonly b: Readonly<Record<string, number>> },
): SweepDiff {
  const cells = { a: new Set(a.cells.map(({ cellId }) => cellId)), b: new Set(b.cells.map(({ cellId }) => cellId)) };
  const byKey = new Map(b.trials.map((trial) => [trialKey(trial), trial]));
  const pairs = a.trials.flatMap((trial) => {
    const other = byKey.get(trialKey(trial));
    return other === undefined ? [] : [[trial, other] as const];
  });
  const done = pairs.filter((pair) => pair.every(({ state }) => state === 'done'));
  const versions = (which: 'a' | 'b'): Flat => flatten(scienceVersions[which], 'scienceVersions', new Map());
  return {
    spec: askedDifferences(a.sweep, b.sweep),
    cells: {
      shared: [...cells.a].filter((id) => cells.b.has(id)).length,
      onlyA: [...cells.a].filter((id) => !cells.b.has(id)),
      onlyB: [...cells.b].filter((id) => !cells.a.has(id)),
    },
    numerics: [...fieldDifferences(versions('a'), versions('b')), ...fieldDifferences(numericsOf(a), numericsOf(b))],
    trials: {
      shared: pairs.length,
      withNumbers: done.length,
      onlyA: a.trials.length - pairs.length,
      onlyB: b.trials.length - pairs.length,
    },
    metrics: metricDifferences(done),
  };
}
