/**
 * Datasets, architectures and trainings as written → the parameters that enter ids, with the paper's defaults (SCIENCE: arXiv
 * 2311.07444).
 */
import { trainingAttackKind, trainingPgd } from '@ncsweep/catalog/attacks/training-pgd';
import { architectureKind, architectureOf, asArchitectureParams, type ArchitectureParams } from '@ncsweep/catalog/architectures';
import { asFileParams, asMadeParams, datasetKind, datasetOf, type DatasetParams } from '@ncsweep/catalog/datasets';
import type { ArchitectureSpec, DatasetSpec, TrainingAttackSpec, TrainingSpec } from '@ncsweep/catalog/language/spec';
import { asLossParams, lossKind, lossOf, type LossParams } from '@ncsweep/catalog/losses';
import type { Loss } from '@ncsweep/catalog/losses/loss';
import type { RecipeParams } from '@ncsweep/catalog/params';
import { fieldOwners } from '@ncsweep/catalog/part-kind';
import { digestOf } from '@ncsweep/protocol/canonical';
import type { FoundData } from '@ncsweep/protocol/found-data';
import { trainingDefaults, withDefaults } from './defaults.ts';
import { noPlugins, type KnownPlugins } from './known-plugins.ts';
import { labelsThere } from './named-files.ts';
import type { Reporter } from './reporter.ts';
import { resolvePart } from './resolve-part.ts';
import { resolvePluggedArchitecture } from './resolve-networks.ts';
import { resolvePluggedLoss } from './resolve-plugged.ts';

/** What is known of the files that a sweep names. */
export interface KnownDigests {
  /** Digests of files on this machine, by the path as the sweep writes it. */
  readonly byPath: ReadonlyMap<string, string>;
  /** Digests of datasets in the store, by the name under which they were pushed. */
  readonly byName: ReadonlyMap<string, string>;
  /** What was found in datasets, by digest. */
  readonly found: ReadonlyMap<string, FoundData>;
  readonly plugins: KnownPlugins;
}

export const nothingKnown: KnownDigests = { byPath: new Map(), byName: new Map(), found: new Map(), plugins: noPlugins };

/** Stands for files that have not been read yet: planning needs an id, but a run refuses it. */
export const unresolvedDigest = (what: string): string => digestOf({ unresolved: what });

/** Files that have not been read get a digest that no run accepts. */
const digestOfFiles = ({ name, path, digest, pushed }: DatasetSpec, { byPath, byName }: KnownDigests): string =>
  digest ?? byName.get(pushed ?? '') ?? byPath.get(path ?? '') ?? unresolvedDigest(pushed ?? path ?? name);

/** Refuses labels that the files do not have. */
function checkFound(onlyClasses: readonly number[], found: FoundData | undefined, report: Reporter): void {
  if (found === undefined) return;
  onlyClasses.forEach((label, i) => {
    if (label >= found.classes) report.at('onlyClasses', i).refuse(label, labelsThere(found.classes), 'remove it');
  });
}

/** Params; undefined when something in the entry is wrong. */
export function resolveDataset(spec: DatasetSpec, known: KnownDigests, report: Reporter): DatasetParams | undefined {
  const part = datasetOf(spec);
  if (part.from === 'parameters') {
    const values = resolvePart(datasetKind, part, spec, report);
    return values && asMadeParams(part, values);
  }
  const values = resolvePart(datasetKind, part, spec, report);
  if (values === undefined) return undefined;
  const digest = digestOfFiles(spec, known);
  const found = known.found.get(digest);
  checkFound(values.onlyClasses ?? [], found, report);
  return asFileParams(part, values, digest, found);
}

/** Params; undefined when something in the entry is wrong. */
export function resolveArchitecture(
  spec: ArchitectureSpec,
  known: KnownDigests,
  report: Reporter,
): ArchitectureParams | undefined {
  const { name } = spec;
  if (name === 'plugin') return resolvePluggedArchitecture(spec, known.plugins, report);
  const part = architectureOf({ name });
  const values = resolvePart(architectureKind, part, spec, report);
  return values && asArchitectureParams(part, values);
}

/** Refuses fields that contradict the loss's own start: they would be recorded but have no effect. */
function checkOwnStart({ name, startsAt }: Loss, { start, randomStart }: TrainingAttackSpec, report: Reporter): void {
  if (startsAt === undefined) return;
  const expected = `nothing about the start in the attack of ${name}: it starts at ${startsAt}`;
  if (start !== undefined) report.at('start').refuse(start, expected, 'remove start');
  if (randomStart === false) report.at('randomStart').refuse(randomStart, expected, 'remove randomStart');
}

const trainFields = ['loss', 'attack', 'oversampling', ...fieldOwners(lossKind).keys(), ...Object.keys(trainingDefaults)];

function resolveLoss(spec: TrainingSpec, known: KnownDigests, report: Reporter): LossParams | undefined {
  const { loss = lossKind.fallback } = spec;
  if (loss === 'plugin') return resolvePluggedLoss(spec, known.plugins, report);
  const part = lossOf({ loss });
  const values = resolvePart(lossKind, part, spec, report);
  return values && asLossParams(part, values);
}

/** @returns a recipe; undefined when something in it is wrong */
export function resolveTraining(spec: TrainingSpec, known: KnownDigests, report: Reporter): RecipeParams | undefined {
  if (spec.from !== undefined) {
    report.refuseFields(spec, trainFields, 'only name beside from: imported weights are not trained');
    return { kind: 'import', weightsSha256: known.byPath.get(spec.from) ?? unresolvedDigest(spec.from) };
  }
  const resolved = resolveLoss(spec, known, report);
  if (resolved === undefined) return undefined;
  const loss = lossOf(resolved);
  const { batchNorm, epochs, batchSize, schedule, ...rest } = withDefaults(spec, trainingDefaults);
  const learningRate = Number(rest.learningRate);
  const momentum = Number(rest.momentum);
  const weightDecay = Number(rest.weightDecay);
  if (learningRate === 0) report.at('learningRate').refuse(spec.learningRate, 'a rate above 0', 'the paper uses 0.1');
  if (momentum >= 1) report.at('momentum').refuse(spec.momentum, 'a number from 0 to below 1', 'the paper uses 0.9');
  const written = spec.attack ?? (loss.adversarial === 'always' ? {} : undefined);
  if (written !== undefined) checkOwnStart(loss, written, report.at('attack'));
  const attack = written === undefined ? null : resolvePart(trainingAttackKind, trainingPgd, written, report.at('attack'));
  if (attack === undefined) return undefined;
  const { oversampling = 1 } = spec;
  const shown = oversampling === 1 ? {} : { oversampling };
  const sgd = { epochs, batchSize, learningRate, momentum, weightDecay, schedule, ...shown };
  return { kind: 'train', attack, batchNorm, ...sgd, ...resolved };
}
