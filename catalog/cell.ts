/**
 * Cells: the commit units of a sweep, content-addressed. A cell's id is the digest of everything that its numbers depend on: kind, inputs,
 * parameters, numerics, and versions of the science, so equal work is one cell, whatever a user calls it.
 */
import { canonicalJson, digestOf, sha256 } from '@ncsweep/protocol/canonical';
import { architectureOf, architectures } from './architectures.ts';
import type { BackendName } from './backends.ts';
import { datasetOf, datasets } from './datasets.ts';
import { losses, lossOf } from './losses.ts';
import { attackVersion, newestAttackVersion, trainingAttackVersion, type AttackParams } from './attacks.ts';
import type { EvaluateParams, Lineage, SnapshotParams } from './params.ts';
import { conventionOf, labelConventions, labelsUnder } from './labels.ts';
import { metricFamilies } from './metrics.ts';
import type { MetricFamily } from './metrics/metric.ts';
import type { Part } from './part.ts';
import { scienceVersions } from './science-versions.ts';

export interface SnapshotCell {
  readonly cellId: string;
  readonly kind: 'snapshot';
  readonly inputs: readonly [];
  readonly params: SnapshotParams;
  readonly numerics: { readonly backend: BackendName };
}

export interface EvaluateCell {
  readonly cellId: string;
  readonly kind: 'evaluate';
  /** [snapshot] for the clean cell; [snapshot, clean cell of the same split] for a perturbed one. */
  readonly inputs: readonly string[];
  readonly params: EvaluateParams;
  readonly numerics: { readonly backend: BackendName; readonly batchSize: number };
}

export type Cell = SnapshotCell | EvaluateCell;

/** Versions by name; a part's name is "<kind>:<name>". */
export type CellVersions = Readonly<Record<string, number>>;

type Versioned = Pick<Part, 'name' | 'science'>;

/** Versions of parts corrected since their first version, so that the ids of all others stay the same. @param parts by their kind */
export const partVersions = (parts: readonly (readonly [kind: string, part: Versioned])[]): CellVersions =>
  Object.fromEntries(parts.flatMap(([kind, { name, science }]) => (science > 1 ? [[`${kind}:${name}`, science]] : [])));

/** Every version of this program: what a plan records with its cells. */
export const newestVersions = (): CellVersions => {
  const all = Object.entries({
    dataset: datasets,
    architecture: architectures,
    loss: losses,
    metrics: metricFamilies,
    labels: labelConventions,
  });
  const parts = all.flatMap(([kind, byName]) => Object.values<Versioned>(byName).map((part) => [kind, part] as const));
  return { ...scienceVersions, attack: newestAttackVersion, ...partVersions(parts) };
};

/**
 * Versions in the ids of a training's snapshots. Its attack enters from version 2 on, because earlier ids had no version of it.
 */
export function snapshotVersions({
  dataset,
  architecture,
  recipe,
}: Pick<Lineage, 'dataset' | 'architecture' | 'recipe'>): CellVersions {
  const { data, train } = scienceVersions;
  const parts: [string, Part][] = [
    ['dataset', datasetOf(dataset)],
    ['architecture', architectureOf(architecture)],
  ];
  if (recipe.kind === 'import') return { data, train, ...partVersions(parts) };
  const attack = recipe.attack === null ? 1 : trainingAttackVersion(recipe.attack);
  return { data, train, ...(attack === 1 ? {} : { attack }), ...partVersions([...parts, ['loss', lossOf(recipe)]]) };
}

/** Versions in the id of an evaluation, besides those in its snapshot's id. Side labels belong to the dataset and its version. */
export function evaluateVersions(attack: AttackParams): CellVersions {
  const { data, metrics } = scienceVersions;
  const families = partVersions(Object.values<MetricFamily>(metricFamilies).map((family) => ['metrics', family]));
  const conventions = partVersions(labelsUnder(attack, []).map((name) => ['labels', conventionOf(name)]));
  return { data, ...(attack.kind === 'none' ? {} : { attack: attackVersion(attack) }), metrics, ...families, ...conventions };
}

export function snapshotCell(params: SnapshotParams, backend: BackendName): SnapshotCell {
  const body = { kind: 'snapshot', inputs: [], params, numerics: { backend } } as const;
  return { cellId: digestOf({ ...body, scienceVersions: snapshotVersions(params) }), ...body };
}

/** Canonical text of what many cells have in common, computed once for each object. */
const texts = new WeakMap<object, string>();

function sharedText(value: object): string {
  let text = texts.get(value);
  if (text === undefined) {
    text = canonicalJson(value);
    texts.set(value, text);
  }
  return text;
}

/** Text of the versions by attack, computed once for each. */
const versionTexts = new WeakMap<AttackParams, string>();

function versionsText(attack: AttackParams): string {
  let text = versionTexts.get(attack);
  if (text === undefined) {
    text = canonicalJson(evaluateVersions(attack));
    versionTexts.set(attack, text);
  }
  return text;
}

/** The digest of the whole, whose canonical text is assembled from cached parts, because a sweep may have a million of these. */
function evaluationId(params: EvaluateParams, inputs: readonly string[], numerics: EvaluateCell['numerics']): string {
  const given = `"inputs":${sharedText(inputs)},"kind":"evaluate","numerics":${sharedText(numerics)},"params":${sharedText(params)}`;
  return sha256(`{${given},"scienceVersions":${versionsText(params.attack)}}`);
}

/** @param inputs snapshot cell id first, then the clean cell's where the attack is not `none` */
export function evaluateCell(
  params: EvaluateParams,
  inputs: readonly string[],
  numerics: { backend: BackendName; batchSize: number },
): EvaluateCell {
  return { cellId: evaluationId(params, inputs, numerics), kind: 'evaluate', inputs, params, numerics };
}
