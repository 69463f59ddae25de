/** Compares two results of one cell, number by number. Pure. */
import { backends } from '@ncsweep/catalog/backends';
import type { Backend } from '@ncsweep/catalog/backends/backend';
import type { CellResult } from '@ncsweep/protocol/result';
import type { MetricLine } from '@ncsweep/protocol/tables';
import { allowedDifference, type Tolerance } from '@ncsweep/catalog/metrics/tolerance';
import { toleranceOf } from '@ncsweep/catalog/metrics';

/** All numbers of a result. */
export interface Numbers {
  readonly result: CellResult;
  /** Empty for a snapshot. */
  readonly lines: readonly MetricLine[];
}

export interface NumberDifference {
  readonly metric: string;
  /** Layer, pooling, labels and entry; empty for a number of the whole cell. */
  readonly place: string;
  /** Undefined: absent. */
  readonly stored: number | undefined;
  readonly again: number | undefined;
  readonly difference: number;
  /** Largest difference that passes. */
  readonly allowed: number;
}

export interface Comparison {
  readonly verdict: 'equal' | 'within tolerance' | 'differs';
  /** Why equality is not demanded; empty when it is. */
  readonly unlike: readonly string[];
  readonly compared: number;
  /** Numbers that differ, worst first. */
  readonly differing: readonly NumberDifference[];
  /** How many of `differing` exceed the allowed difference. */
  readonly beyond: number;
  /** Files whose bytes differ although equality is demanded. */
  readonly files: readonly string[];
}

/** The file of metrics, which is compared by its numbers. */
const metricsFile = 'metrics.parquet';

/**
 * Byte equality is promised for the same backend, versions, threads and CPU type (docs/architecture.md). For a GPU's result,
 * `device` names the host CPU: the GPU model is not recorded.
 */
export function unlikeness(stored: CellResult['numerics'], again: CellResult['numerics']): string[] {
  const backend = (backends as Readonly<Record<string, Backend | undefined>>)[stored.backend];
  if (stored.backend === again.backend && backend?.repeats === 'within tolerance')
    return [`${stored.backend} sums in no fixed order`];
  const names = [...new Set([...Object.keys(stored.versions), ...Object.keys(again.versions)])].sort();
  const pairs: readonly (readonly [string, string | number | undefined, string | number | undefined])[] = [
    ['backend', stored.backend, again.backend],
    ...names.map((name) => [name, stored.versions[name], again.versions[name]] as const),
    ['threads', stored.threads, again.threads],
    ['device', stored.device, again.device],
  ];
  return pairs.filter(([, a, b]) => a !== b).map(([name, a, b]) => `${name} ${a ?? 'none'} → ${b ?? 'none'}`);
}

interface Place {
  readonly metric: string;
  readonly place: string;
  readonly value: number;
}

function* numbersOf({ result, lines }: Numbers): Generator<[key: string, Place]> {
  for (const [metric, value] of Object.entries(result.scalars)) yield [`scalar ${metric}`, { metric, place: '', value }];
  for (const { layer, pooling, labels, metric, row, col, value } of lines) {
    const entry = row < 0 ? '' : col < 0 ? `[${row}]` : `[${row},${col}]`;
    const place = [layer, pooling, labels, entry].filter(Boolean).join(' ');
    yield [`line ${metric} ${place}`, { metric, place, value }];
  }
}

/** NaN equals NaN; a number is infinitely far from an absent one, from NaN and from another infinity. */
function distance(a: number | undefined, b: number | undefined): number {
  if (a === b || Object.is(a, b)) return 0;
  const size = Math.abs((a ?? NaN) - (b ?? NaN));
  return Number.isNaN(size) ? Infinity : size;
}

/** How far a difference exceeds what is allowed, for sorting. */
const excess = ({ difference, allowed, stored = 0 }: NumberDifference): number =>
  allowed > 0 ? difference / allowed : difference / Math.max(Math.abs(stored), Number.MIN_VALUE);

function fileDifferences(stored: CellResult, again: CellResult): string[] {
  const digests = ({ artifacts }: CellResult): ReadonlyMap<string, string> =>
    new Map(artifacts.filter(({ name }) => name !== metricsFile).map(({ name, sha256 }) => [name, sha256]));
  const [a, b] = [digests(stored), digests(again)];
  return [...new Set([...a.keys(), ...b.keys()])].filter((name) => a.get(name) !== b.get(name)).sort();
}

/** @returns undefined when the numbers are equal */
function numberDifference(
  stored: Place | undefined,
  again: Place | undefined,
  isExact: boolean,
  toleranceIn: ToleranceOf,
): NumberDifference | undefined {
  const { metric, place } = (stored ?? again)!;
  const [a, b] = [stored?.value, again?.value];
  const difference = distance(a, b);
  if (difference === 0) return undefined;
  const allowed = isExact ? 0 : allowedDifference(toleranceIn(metric), a ?? NaN, b ?? NaN);
  return { metric, place, stored: a, again: b, difference, allowed };
}

/** How far two computations of a metric may differ, by its name. */
type ToleranceOf = (metric: string) => Tolerance;

/**
 * @param stored the result in the store @param again the result of running the same cell again
 * @param toleranceIn default: of the catalog's metrics
 */
export function compareResults(stored: Numbers, again: Numbers, toleranceIn: ToleranceOf = toleranceOf): Comparison {
  const unlike = unlikeness(stored.result.numerics, again.result.numerics);
  const isExact = unlike.length === 0;
  const [a, b] = [new Map(numbersOf(stored)), new Map(numbersOf(again))];
  const names = [...new Set([...a.keys(), ...b.keys()])];
  const found = names.map((name) => numberDifference(a.get(name), b.get(name), isExact, toleranceIn));
  const differing = found.filter((each) => each !== undefined).sort((p, q) => excess(q) - excess(p));
  const beyond = differing.filter(({ difference, allowed }) => !(difference <= allowed)).length;
  const files = isExact ? fileDifferences(stored.result, again.result) : [];
  const isSame = differing.length + files.length === 0;
  const verdict = beyond + files.length > 0 ? 'differs' : isSame ? 'equal' : 'within tolerance';
  return { verdict, unlike, compared: names.length, differing, beyond, files };
}
