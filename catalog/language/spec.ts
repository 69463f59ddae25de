/**
 * The sweep as a user writes it. One schema yields the TypeScript types, the decoder, the editor's JSON Schema and the structural schema
 * of the custom resource. Therefore every axis is a list of one shape, every list and string is bounded, and nothing is a union except
 * "integer or string" and "one or a list". What a schema cannot say (names that must exist, budgets that must fit) is checked by
 * orchestrator/planning/spec. The fields of parts come from the catalog.
 */
import { defaultRetries } from '@ncsweep/protocol/result';
import { z } from 'zod';
import { architectureKind } from '../architectures.ts';
import { attackKind } from '../attacks.ts';
import { trainingAttackKind } from '../attacks/training-pgd.ts';
import { conventionOf, labelNames } from '../labels.ts';
import { axes, poolings, splits, type Axis } from '../axes.ts';
import { backendChoices } from '../backends.ts';
import { claimSetNames, usualClaims } from '../claims.ts';
import { datasetKind } from '../datasets.ts';
import { lossKind } from '../losses.ts';
import type { Part } from '../part.ts';
import { partReference } from '../plugins/names.ts';
import { flatFields, partNames } from '../part-kind.ts';
import { axis, decimal, epoch, epsilon, integers, intOrString, name } from './notations.ts';

export const datasetSpec = z.strictObject({
  name: z.enum(partNames(datasetKind)).describe('Which dataset'),
  as: name.optional().describe('Label in results; default: the name'),
  ...flatFields(datasetKind),
});

export const architectureSpec = z.strictObject({
  name: z.enum(partNames(architectureKind)).describe('Which network'),
  as: name.optional().describe('Label in results; default: the name'),
  ...flatFields(architectureKind),
});

export const trainingAttackSpec = z.strictObject({
  kind: z.enum(partNames(trainingAttackKind)).optional().describe('Default pgd'),
  ...flatFields(trainingAttackKind),
});

export const trainingSpec = z.strictObject({
  name: name.describe('Label in results, such as ST, AT or TRADES'),
  from: z.string().min(1).max(1024).optional().describe('Evaluate the weights in this safetensors file instead of training'),
  loss: z.enum(partNames(lossKind)).optional().describe('Default ce: cross-entropy'),
  attack: trainingAttackSpec.optional().describe('Train on adversarial examples (AT); TRADES has one by default'),
  ...flatFields(lossKind),
  batchNorm: z.enum(['train', 'eval']).optional().describe('Batch norm in the update pass; default train'),
  epochs: z.int().min(1).max(100_000).optional().describe('Default 400'),
  batchSize: z.int().min(1).max(65_536).optional().describe('Default 128'),
  learningRate: decimal.optional().describe('Default 0.1'),
  momentum: decimal.optional().describe('Default 0.9'),
  weightDecay: decimal.optional().describe('Applied to all parameters; default 0.0005'),
  schedule: z.enum(['paper', 'cosine', 'constant']).optional().describe('paper: x0.1 at 25 %, x0.01 at 37.5 % of training'),
  oversampling: z
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe('How often an epoch shows each image of the minority classes of a dataset that has such; default 1'),
});

export const attackSpec = z.strictObject({
  name: name.describe('Label in results'),
  kind: z.enum(partNames(attackKind)).describe(
    Object.values<Part>(attackKind.parts)
      .map((part) => `${part.name}: ${part.summary}`)
      .join('. '),
  ),
  ...flatFields(attackKind),
});

export const metricSpec = z.strictObject({
  part: partReference.describe('a metric of one of the plug-ins of this sweep, such as "lab/effective-rank"'),
  params: z.looseObject({}).optional().describe('parameters of that metric, as its plug-in declares them'),
});

const label = intOrString(/^.+$/, 'a label of this axis');
const labels = (of: Axis) => axis(label, 1000).optional().describe(`Labels of the axis ${of}`);

/** Entries of a point's axes that `only` and `exclude` name. */
export const matchSpec = z.strictObject(
  Object.fromEntries(axes.map((each) => [each, labels(each)])) as Readonly<Record<Axis, ReturnType<typeof labels>>>,
);

const conventionText = labelNames.map((each) => `${each}, ${conventionOf(each).summary}`).join('; ');

export const gridSpec = z.strictObject({
  name: name.describe('Label in results'),
  epoch: axis(epoch, 1000).optional().describe('0 (untrained) to the last, ranges, last or snapshots; default [last]'),
  attack: z.array(attackSpec).max(100).optional().describe('Default none: clean evaluation'),
  epsilon: axis(epsilon, 1000).optional().describe('Budgets; 0 is the clean evaluation. Default [0]'),
  layer: axis(name, 100).optional().describe('Layer names, all or last; default [all]'),
  pooling: axis(z.enum(poolings), poolings.length).optional().describe('How a feature map becomes a vector; default both'),
  split: axis(z.enum(splits), splits.length).optional().describe('Default [train], as in the paper'),
  labels: axis(z.enum(labelNames), labelNames.length)
    .optional()
    .describe(`Labels that define the class means: ${conventionText}. Default [given]`),
  only: matchSpec.optional().describe('Keep only points that match on every axis named'),
  exclude: z.array(matchSpec).max(100).optional().describe('Drop points that match one of these on every axis it names'),
  zip: z
    .array(axis(z.enum(axes), axes.length))
    .max(5)
    .optional()
    .describe('Axes of equal length that advance together'),
});

const toleration = z.strictObject({
  key: z.string().max(317).optional().describe('Key of the taint; all if left out with operator Exists'),
  operator: z.enum(['Exists', 'Equal']).optional().describe('Whether its value matters; default Equal'),
  value: z.string().max(63).optional().describe('Value of the taint'),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional().describe('Effect of the taint; default all'),
  tolerationSeconds: z
    .int()
    .min(0)
    .max(1_000_000_000)
    .optional()
    .describe('With NoExecute: how long a pod stays; default without limit'),
});

const quantities = z.record(z.string().max(253), intOrString(/^[0-9.]{1,20}(m|[kKMGTPE]i?)?$/, 'a quantity such as "16Gi"'));
const retries = z.int().min(0).max(1000).optional();

export const executionSpec = z.strictObject({
  parallelism: z
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe('Worker processes or pods; default: as many as the machine has room for; on a cluster 2'),
  backend: z.enum(backendChoices).optional().describe('What computes the cells; default auto'),
  evaluationBatchSize: z
    .int()
    .min(1)
    .max(65_536)
    .optional()
    .describe('Examples per batch of attacks and evaluation; default 250'),
  retries: z
    .strictObject({
      outOfMemory: retries.describe(`Memory ran out, of the process or the device; default ${defaultRetries.outOfMemory}`),
      device: retries.describe(`The device failed; default ${defaultRetries.device}`),
      timeout: retries.describe(`An attempt took longer than attemptDeadlineSeconds; default ${defaultRetries.timeout}`),
      unknown: retries.describe(`Any other failure; default ${defaultRetries.unknown}`),
    })
    .optional()
    .describe('Failures of each class that a cell may have before it is parked'),
  attemptDeadlineSeconds: z.int().min(1).max(10_000_000).optional().describe('Time limit of one attempt; default 86400'),
  checkpointEverySeconds: z.int().min(1).max(86_400).optional().describe('Default 60'),
  activeDeadlineSeconds: z.int().min(1).max(100_000_000).optional().describe('On a cluster: time limit of the whole sweep'),
  queueName: name.optional().describe('On a cluster: Kueue queue'),
  workloadPriorityClassName: name
    .optional()
    .describe('On a cluster: WorkloadPriorityClass of Kueue; orders the Jobs of the queue'),
  priorityClassName: name.optional().describe('On a cluster: priority class of the pods'),
  nodeSelector: z
    .record(z.string().max(317), z.string().max(63))
    .optional()
    .describe('On a cluster: labels that nodes must have'),
  tolerations: z.array(toleration).max(20).optional().describe('On a cluster: node taints that the pods tolerate'),
  resources: z
    .strictObject({
      train: quantities.optional().describe('Of pods that train, such as {cpu: 4, memory: 8Gi}'),
      evaluate: quantities.optional().describe('Of pods that evaluate'),
    })
    .optional()
    .describe(
      'On a cluster: resources of the pods of each class; a device named here replaces those of the install, and 0 removes one',
    ),
  podTemplate: z
    .looseObject({})
    .optional()
    .describe('On a cluster: additions to the pods (docs/pods.md), merged by the names of containers, env and volumes'),
});

const claimSetList = axis(z.enum(claimSetNames), 20);

export const reportSpec = z.strictObject({
  claims: z
    .union([z.enum([...claimSetNames, 'none']), claimSetList], {
      error: `one or a list of ${claimSetNames.join(', ')}, or none`,
    })
    .optional()
    .describe(`Sets of claims to judge, one or a list; default ${usualClaims.join(', ')}`),
  confidence: z.number().min(0.5).max(0.999).optional().describe('Confidence level of intervals; default 0.95'),
});

export const pluginReference = z
  .string()
  .min(1)
  .max(1024)
  .describe('A folder with a plugin.yaml, relative to the sweep file; or a plug-in in the store, as name@sha256:identity');

export const sweepSpec = z.strictObject({
  question: z.string().max(500).optional().describe('The question that the sweep answers; the headline of its report'),
  plugins: axis(pluginReference, 20).optional().describe('Plug-ins whose parts the sweep may name (docs/plug-ins.md)'),
  dataset: axis(datasetSpec, 20).describe('1 to 20 datasets'),
  architecture: axis(architectureSpec, 50).describe('1 to 50 networks'),
  training: axis(trainingSpec, 100).describe('1 to 100 ways to train, or weights made elsewhere'),
  seed: axis(integers('a seed'), 1000).describe('Each seed is an independently trained model'),
  snapshots: z
    .array(integers('an epoch'))
    .max(1000)
    .optional()
    .describe('Epochs whose weights are kept, in addition to those that grids name'),
  grids: axis(gridSpec, 50).describe('Each crosses the axes above with its own; equal points run once'),
  metrics: axis(metricSpec, 50).optional().describe('Metrics of plug-ins, measured by every evaluation beside all others'),
  execution: executionSpec.optional().describe('How it is computed; only backend and evaluationBatchSize can change results'),
  report: reportSpec.optional().describe('What the report judges'),
  suspend: z.boolean().optional().describe('On a cluster: workers return their tasks, and no pod is created'),
  cancelled: z.boolean().optional().describe('On a cluster: ends the sweep permanently; results are kept'),
  storage: z
    .strictObject({
      location: z
        .string()
        .max(1024)
        .optional()
        .describe('s3://bucket/prefix, a location that the install allows; default: the store of the install'),
    })
    .optional()
    .describe('On a cluster: where results are kept; cannot be changed'),
  deletionPolicy: z
    .enum(['Retain', 'Delete'])
    .optional()
    .describe('On a cluster: whether deleting the Sweep deletes its results; default Retain'),
  ttlSecondsAfterFinished: z
    .int()
    .min(0)
    .max(1_000_000_000)
    .optional()
    .describe('On a cluster: when a finished Sweep is deleted; default never'),
});

const metadataText = z.record(z.string().max(317), z.string().max(10_000)).optional();

export const sweepDocument = z.strictObject({
  apiVersion: z.enum(['ncsweep.dev/v1alpha1']),
  kind: z.enum(['Sweep']),
  metadata: z.strictObject({
    name: z
      .string()
      .max(52)
      .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, { error: 'a name of at most 52 lower-case letters, digits or "-"' })
      .describe('Name of the sweep: at most 52 lower-case letters, digits or "-"'),
    namespace: z.string().max(63).optional().describe('On a cluster: where the Sweep lives'),
    labels: metadataText.describe('On a cluster: labels of the Sweep'),
    annotations: metadataText.describe('On a cluster: annotations of the Sweep'),
  }),
  spec: sweepSpec.describe('What to compute: each training, seed and dataset, under each point of each grid'),
});

export type SweepDocument = z.infer<typeof sweepDocument>;
export type SweepSpec = z.infer<typeof sweepSpec>;
export type DatasetSpec = z.infer<typeof datasetSpec>;
export type ArchitectureSpec = z.infer<typeof architectureSpec>;
export type TrainingSpec = z.infer<typeof trainingSpec>;
export type TrainingAttackSpec = z.infer<typeof trainingAttackSpec>;
export type AttackSpec = z.infer<typeof attackSpec>;
export type GridSpec = z.infer<typeof gridSpec>;
export type MetricSpec = z.infer<typeof metricSpec>;
export type MatchSpec = z.infer<typeof matchSpec>;
export type ExecutionSpec = z.infer<typeof executionSpec>;
