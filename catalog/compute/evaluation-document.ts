/** An evaluation as a compute task describes it: what is measured, on which images, under which names. */
import type { Evaluation, EvaluateTask } from '@ncsweep/protocol/compute/task-document';
import { attackNorm, attackOf, type AttackParams } from '../attacks.ts';
import { headOf, measuredViews, type ArrayRequest } from '../cell-arrays.ts';
import type { KnownCell, KnownTask } from '../known-task.ts';
import { conventionOf, labelsUnder, type LabelConvention } from '../labels.ts';
import { metricFamilies } from '../metrics.ts';
import type { MetricEntry, MetricFamily } from '../metrics/metric.ts';
import type { FeatureShape } from '../network/multiply-adds.ts';
import type { SideLabel } from '../side-labels.ts';
import { originOf, viewKey, viewsOf, type View } from '../views.ts';
import { pixels, stepPixels } from './pixels.ts';

export type EvaluateTaskCell = Extract<KnownCell, { kind: 'evaluate' }>;

/** What a task's arrays turned out to be. */
export interface Measured {
  readonly classes: number;
  /** Number of different labels under each name, besides the class. */
  readonly sideLabels: Readonly<Partial<Record<SideLabel, number>>>;
  /** Classes of the minority; undefined where the dataset has none. */
  readonly minority: readonly number[] | undefined;
  /** Of each layer's features of one example. */
  readonly layerShapes: ReadonlyMap<string, FeatureShape>;
}

function attackDocument(attack: AttackParams): Evaluation['attack'] {
  if (attack.kind === 'none') return { kind: 'none' };
  const { kind, ...values } = attack;
  return { kind, norm: attackNorm(attack), ...attackOf(attack).resolve(values) };
}

function viewDocument(view: View, { lineage: { architecture } }: KnownTask, views: readonly View[], shape: FeatureShape) {
  const [height, width, channels] = shape;
  return {
    ...view,
    dimension: view.pooling === 'gap' ? channels : height * width * channels,
    head: viewKey(headOf(view, views, architecture)),
    origin: viewKey(originOf(view, architecture)),
  };
}

/** Where labels other than side labels come from. */
const origins: Readonly<Record<Exclude<LabelConvention, SideLabel>, 'labels' | 'predictions' | 'targets'>> = {
  given: 'labels',
  predicted: 'predictions',
  target: 'targets',
};

function labelDocument(name: LabelConvention, { classes, sideLabels }: Measured): Evaluation['labels'][number] {
  const { sideLabel } = conventionOf(name);
  if (sideLabel !== undefined) return { name, from: 'sideLabels', classes: sideLabels[sideLabel]! };
  return { name, from: origins[name as keyof typeof origins], classes };
}

/** The families of metrics that such data have. */
export const familiesOf = ({ minority }: Measured): readonly MetricFamily[] =>
  Object.values<MetricFamily>(metricFamilies).filter(({ ofMinority = false }) => !ofMinority || minority !== undefined);

const metricsDocument = (measured: Measured): Evaluation['metrics'] =>
  familiesOf(measured).flatMap(({ name: family, entries }) =>
    Object.entries<MetricEntry>(entries).map(([name, { shape, needs }]) => ({ name, family, shape, needs: [...needs] })),
  );

export const conventionsOf = (attack: AttackParams, { sideLabels }: Measured): readonly LabelConvention[] =>
  labelsUnder(attack, Object.keys(sideLabels) as SideLabel[]);

/** @param cell any of the task's, which differ in epsilon only */
export function evaluationDocument(
  task: KnownTask,
  { params: { attack, split, metrics }, inputs }: EvaluateTaskCell,
  measured: Measured,
  arrays: ArrayRequest | undefined,
): Evaluation {
  const { architecture } = task.lineage;
  const views = arrays ? measuredViews(architecture, attack, arrays) : viewsOf(architecture);
  const [snapshot, clean] = inputs;
  return {
    split,
    batchSize: task.numerics.batchSize,
    snapshot: snapshot!,
    ...(clean === undefined ? {} : { clean }),
    attack: attackDocument(attack),
    views: views.map((view) => viewDocument(view, task, views, measured.layerShapes.get(view.layer)!)),
    labels: conventionsOf(attack, measured).map((name) => labelDocument(name, measured)),
    metrics: metricsDocument(measured),
    ...(measured.minority && { minority: [...measured.minority] }),
    ...(metrics && { pluginMetrics: metrics.map(({ passes: _, ...metric }) => metric) }),
    ...(arrays && { arrays: { folder: arrays.folder, images: [...arrays.images], features: [...arrays.features] } }),
  };
}

export function evaluateCellDocument({ cellId, params }: EvaluateTaskCell): EvaluateTask['cells'][number] {
  const epsilon = pixels(params.epsilon);
  if (params.attack.kind === 'none') return { cellId, epsilon };
  const { kind: _, ...values } = params.attack;
  const step = attackOf(params.attack).stepOf?.(values);
  return { cellId, epsilon, ...(step && { stepSize: stepPixels(step, epsilon) }) };
}
