/** Datasets, architectures and trainings as written → parameters that enter ids, with the paper's defaults (SCIENCE: arXiv 2311.07444). */
import { digestOf } from '@ncsweep/protocol/canonical';
import type { ArchitectureParams, DatasetParams, RecipeParams, TrainingAttack } from '@ncsweep/protocol/params';
import { compareRational, formatRational, parseRational, rational } from '@ncsweep/protocol/rational';
import type { ArchitectureSpec, DatasetSpec, TrainingAttackSpec, TrainingSpec } from '@ncsweep/protocol/spec';
import { madeDatasetDigest } from '@ncsweep/protocol/store/dataset-files';
import {
  architectureDefaults,
  depthIsFree,
  fileDefaults,
  fixedSides,
  prototypesDefaults,
  trainingAttackDefaults,
  trainingDefaults,
  withDefaults,
} from './defaults.ts';
import { parseStep } from './ranges.ts';
import type { Reporter } from './reporter.ts';
import { resolveStart } from './resolve-start.ts';

/** Digests of what a sweep names. */
export interface KnownDigests {
  /** Of files on this machine, by the path as the sweep writes it. */
  readonly byPath: ReadonlyMap<string, string>;
  /** Of datasets in the store, by the name that they were pushed under. */
  readonly byName: ReadonlyMap<string, string>;
}

export const nothingKnown: KnownDigests = { byPath: new Map(), byName: new Map() };

/** Stands for files that nobody has read yet: planning needs an id, running refuses it. */
export const unresolvedDigest = (what: string): string => digestOf({ unresolved: what });

const classCounts = { cifar10: 10, cifar100: 100, mnist: 10, imagenette: 10 } as const;

function resolvePrototypes(spec: DatasetSpec, report: Reporter): DatasetParams {
  report.refuseFields(
    spec,
    ['path', 'digest', 'pushed', 'volume', 'onlyClasses'],
    'fields of made data: prototypes has no files',
  );
  const { classes, trainPerClass, testPerClass, imageSize } = withDefaults(spec, prototypesDefaults);
  const params = { name: 'prototypes', classes, trainPerClass, testPerClass, imageSize } as const;
  for (const field of ['trainPerClass', 'testPerClass'] as const)
    if (params[field] === 0) report.at(field).refuse(0, 'at least 1 image a class: prototypes makes them', 'write how many');
  return { ...params, digest: madeDatasetDigest(params) };
}

function checkOnlyClasses(labels: readonly number[], name: DatasetSpec['name'], report: Reporter): void {
  const count = name in classCounts ? classCounts[name as keyof typeof classCounts] : Infinity;
  labels.forEach((label, i) => {
    if (label >= count) report.at(i).refuse(label, `a label of ${name}: 0 to ${count - 1}`, 'remove it, or write another label');
    if (labels.indexOf(label) < i) report.at(i).refuse(label, 'each label once', 'remove the second one');
  });
  if (labels.length === 1)
    report.refuse(labels, 'at least two classes: collapse is about what lies between them', 'add another label');
}

/** Files that nobody has looked at get a digest that no run accepts. */
const digestOfFiles = ({ name, path, digest, pushed }: DatasetSpec, { byPath, byName }: KnownDigests): string =>
  digest ?? byName.get(pushed ?? '') ?? byPath.get(path ?? '') ?? unresolvedDigest(pushed ?? path ?? name);

function checkVolume({ volume, digest }: DatasetSpec, report: Reporter): void {
  if (volume !== undefined && digest === undefined)
    report.refuse(
      'volume',
      'digest beside it: what lies in a volume is checked before use',
      'add digest: `ncsweep dataset digest`',
    );
  if (volume?.subPath?.split('/').includes('..') === true)
    report.at('volume', 'subPath').refuse(volume.subPath, 'a folder inside the volume', 'write it without ".."');
}

export function resolveDataset(spec: DatasetSpec, known: KnownDigests, report: Reporter): DatasetParams {
  const { name } = spec;
  if (name === 'prototypes') return resolvePrototypes(spec, report);
  report.refuseFields(spec, ['classes'], `fields of data in files: ${name} has its classes; onlyClasses keeps some`);
  const { onlyClasses, trainPerClass, testPerClass, imageSize } = withDefaults(spec, fileDefaults(name));
  checkOnlyClasses(onlyClasses, name, report.at('onlyClasses'));
  checkVolume(spec, report);
  const params = {
    digest: digestOfFiles(spec, known),
    classes: [...onlyClasses].sort((a, b) => a - b),
    trainPerClass,
    testPerClass,
  };
  if (name === 'imagenette' || name === 'image-folder') return { name, imageSize, ...params };
  if (spec.imageSize !== undefined && spec.imageSize !== fixedSides[name])
    report.at('imageSize').refuse(spec.imageSize, `${fixedSides[name]}, the size of ${name}'s images`, 'remove imageSize');
  return { name, ...params };
}

/** Side of a dataset's images in pixels. */
export const imageSide = (params: DatasetParams): number => ('imageSize' in params ? params.imageSize : fixedSides[params.name]);

/** Smallest side that an architecture's strides and pools leave something of, pixels. */
export const smallestSide: Record<ArchitectureParams['name'], number> = {
  mlp: 1,
  convnet: 4,
  'vgg11-bn': 16,
  'preact-resnet18': 8,
};

export function resolveArchitecture(spec: ArchitectureSpec, report: Reporter): ArchitectureParams {
  const { name } = spec;
  if (!depthIsFree.includes(name)) report.refuseFields(spec, ['depth'], `fields of ${name}: its depth is fixed`);
  const { width, depth } = withDefaults(spec, architectureDefaults[name]);
  return { name, width, depth };
}

const one = rational(1n, 1n);

function resolveTrainingAttack(spec: TrainingAttackSpec, report: Reporter): TrainingAttack | undefined {
  const norm = spec.norm ?? 'linf';
  const attack = withDefaults(spec, trainingAttackDefaults[norm]);
  const epsilon = parseRational(String(attack.epsilon));
  const stepSize = parseStep(attack.stepSize);
  const fits = epsilon !== undefined && epsilon.num > 0n && (norm === 'l2' || compareRational(epsilon, one) <= 0);
  if (!fits) {
    const remedy = 'as in 8/255; for standard training leave attack out';
    report.at('epsilon').refuse(spec.epsilon, 'a budget above 0 and, for linf, at most 1', remedy);
  }
  if (stepSize === undefined) report.at('stepSize').refuse(spec.stepSize, 'a step above 0', 'as in 2/255 or eps/4');
  const start = resolveStart(spec, norm, report);
  if (!fits || stepSize === undefined) return undefined;
  const { steps, randomStart } = attack;
  return { norm, epsilon: formatRational(epsilon), steps, stepSize, randomStart, ...start };
}

/** TRADES starts where it starts: fields that would say otherwise would be recorded and not be done. */
function checkTradesStart({ start, randomStart }: TrainingAttackSpec, report: Reporter): void {
  const expected = 'nothing about the start in the attack of trades: it starts at x + 0.001*N(0,I)';
  if (start !== undefined) report.at('start').refuse(start, expected, 'remove start');
  if (randomStart === false) report.at('randomStart').refuse(randomStart, expected, 'remove randomStart');
}

const trainFields = [...Object.keys(trainingDefaults), 'attack'];

/** A recipe; undefined when something in it is wrong. */
export function resolveTraining(spec: TrainingSpec, known: KnownDigests, report: Reporter): RecipeParams | undefined {
  if (spec.from !== undefined) {
    report.refuseFields(spec, trainFields, 'only name beside from: weights made elsewhere are not trained');
    return { kind: 'import', weightsSha256: known.byPath.get(spec.from) ?? unresolvedDigest(spec.from) };
  }
  const { loss, beta, batchNorm, epochs, batchSize, schedule, ...rest } = withDefaults(spec, trainingDefaults);
  const [learningRate, momentum, weightDecay] = [rest.learningRate, rest.momentum, rest.weightDecay].map(Number) as [
    number,
    number,
    number,
  ];
  if (loss === 'ce') report.refuseFields(spec, ['beta'], 'fields of loss ce: beta belongs to trades');
  if (learningRate === 0) report.at('learningRate').refuse(spec.learningRate, 'a rate above 0', 'the paper has 0.1');
  if (momentum >= 1) report.at('momentum').refuse(spec.momentum, 'a number from 0 to below 1', 'the paper has 0.9');
  const written = spec.attack ?? (loss === 'trades' ? {} : undefined);
  if (loss === 'trades' && written !== undefined) checkTradesStart(written, report.at('attack'));
  const attack = written === undefined ? null : resolveTrainingAttack(written, report.at('attack'));
  if (attack === undefined) return undefined;
  const sgd = { epochs, batchSize, learningRate, momentum, weightDecay, schedule };
  return { kind: 'train', loss, attack, beta: loss === 'trades' ? Number(beta) : 0, batchNorm, ...sgd };
}
