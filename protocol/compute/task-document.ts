/**
 * What a compute program is told to compute (docs/compute-protocol.md "The task"): everything is resolved, so that a program needs no
 * catalog. Numbers are float64 unless stated. Readers ignore fields that they do not know.
 */
import { z } from 'zod';
import { network } from './network.ts';

const id = z.string().regex(/^[0-9a-f]{64}$/);
const size = z.int().min(1);

/** An .npy file, little endian and in C order, which nobody changes while the task runs. */
const arrayFile = z.object({
  path: z.string().min(1),
  dtype: z.enum(['uint8', 'float32', 'int32']),
  shape: z.array(z.int().min(0)),
  /** Of the whole file. */
  sha256: id,
});
export type ArrayFile = z.infer<typeof arrayFile>;

const split = z.object({
  count: size,
  /** [count,H,W,C]: uint8 to be divided by 255, or float32 in [0,1]. */
  images: arrayFile,
  /** Classes 0..K−1, int32 [count]. */
  labels: arrayFile,
  /** Labels besides the class, by name, int32 [count]. */
  sideLabels: z.optional(z.record(z.string(), arrayFile)),
});

const data = z.object({
  /** Digest of what the arrays were made from; equal keys mean equal arrays, so that a program may keep what it made of them. */
  key: id,
  classes: size,
  /** [height, width, channels] */
  image: z.tuple([size, size, size]),
  train: split,
  test: split,
});

/** Where an attack starts, relative to the clean images. */
export const attackStart = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('clean') }),
  /** U(−1,1) per pixel, times epsilon. */
  z.object({ kind: z.literal('box') }),
  /** A random direction, times a radius that is U(0,1), times epsilon. */
  z.object({ kind: z.literal('direction') }),
  /** A random direction, times U(0,1)^(1/D), times epsilon. */
  z.object({ kind: z.literal('ball') }),
  /** N(0, deviation²) per pixel, in pixel units whatever epsilon is. */
  z.object({ kind: z.literal('normal'), deviation: z.number().positive() }),
]);
export type AttackStart = z.infer<typeof attackStart>;

const norm = z.enum(['linf', 'l2']);

const schedule = z.discriminatedUnion('kind', [
  /** The rate from a step on, by ascending step; the first is step 0. */
  z.object({ kind: z.literal('steps'), rates: z.array(z.object({ from: z.int().min(0), rate: z.number() })).min(1) }),
  /** rate · (1 + cos(π · step / steps)) / 2 */
  z.object({ kind: z.literal('cosine'), rate: z.number(), steps: size }),
]);
export type Schedule = z.infer<typeof schedule>;

/** With the loss's own parameters, such as `beta`. */
const loss = z.looseObject({ name: z.string() });

const trainingAttack = z.object({
  kind: z.literal('pgd'),
  norm,
  /** Pixel units, as is the step size. */
  epsilon: z.number().positive(),
  stepSize: z.number().positive(),
  steps: size,
  start: attackStart,
  /** `ce`: cross-entropy with the labels; `kl`: KL(f(x) ‖ f(x′)) from the logits of the clean images. */
  objective: z.enum(['ce', 'kl']),
});
export type TrainingAttackDocument = z.infer<typeof trainingAttack>;

const training = z.object({
  loss,
  /** Makes the adversarial examples of each step; null: the loss sees clean images only. */
  attack: z.nullable(trainingAttack),
  /** Mode of batch norm in the update pass; attacks always use `eval`. */
  batchNorm: z.enum(['train', 'eval']),
  epochs: size,
  batchSize: size,
  /** ⌈n / batchSize⌉, n the examples of an epoch, counting repeats. */
  stepsPerEpoch: size,
  /** How often an epoch shows each example of a class [K]; absent: once. */
  repeats: z.optional(z.array(size)),
  momentum: z.number().min(0),
  weightDecay: z.number().min(0),
  schedule,
});
export type Training = z.infer<typeof training>;

const snapshotCell = z.object({ cellId: id, epoch: z.int().min(0), step: z.int().min(0) });

/**
 * `none` for clean images; otherwise with the norm in which perturbations are measured and the attack's own parameters.
 */
const evaluatedAttack = z.looseObject({ kind: z.string(), norm: z.optional(norm) });
export type EvaluatedAttack = z.infer<typeof evaluatedAttack>;

const view = z.object({
  layer: z.string(),
  pooling: z.enum(['flatten', 'gap']),
  /** Length of a vector. */
  dimension: size,
  /** `<layer>/<pooling>` of the first measured view with identical features, or of this one. */
  head: z.string(),
  /** The same of all views of the network, whose clean means an attack on this view's classifier uses. */
  origin: z.string(),
});

const metric = z.object({
  name: z.string(),
  family: z.string(),
  shape: z.enum(['scalar', 'scalar+classes', 'classes×classes']),
  needs: z.array(z.string()),
});

/** A metric of a plug-in; its part is the name of its records. */
const pluginMetric = z.object({
  part: z.string(),
  identity: id,
  of: z.enum(['layers', 'last-layer', 'logits']),
  returns: z.enum(['scalar', 'classes', 'matrix']),
  params: z.record(z.string(), z.union([z.number(), z.boolean(), z.string()])),
});

const evaluateCell = z.object({
  cellId: id,
  /** Pixel units; 0 for clean images. */
  epsilon: z.number().min(0),
  /** Of iterated attacks, pixel units. */
  stepSize: z.optional(z.number().positive()),
});

const evaluation = z.object({
  split: z.enum(['train', 'test']),
  batchSize: size,
  /** Cell with the weights. */
  snapshot: id,
  /** Cell with the clean class means; absent when the images are clean. */
  clean: z.optional(id),
  attack: evaluatedAttack,
  /** To measure, in depth order. */
  views: z.array(view).min(1),
  labels: z
    .array(z.object({ name: z.string(), from: z.enum(['labels', 'predictions', 'targets', 'sideLabels']), classes: size }))
    .min(1),
  metrics: z.array(metric),
  /** Classes that the family `minority` compares with the others. */
  minority: z.optional(z.array(z.int().min(0)).min(1)),
  pluginMetrics: z.optional(z.array(pluginMetric)),
  /** Requests .npy files beside the result: views whose images, and whose features, are wanted. */
  arrays: z.optional(z.object({ folder: z.string(), images: z.array(z.string()), features: z.array(z.string()) })),
});
export type Evaluation = z.infer<typeof evaluation>;

/** What a cell's commit has to hold. */
const returns = z.object({
  artifacts: z.array(
    z.discriminatedUnion('format', [
      z.object({ name: z.string(), format: z.literal('safetensors'), dtype: z.enum(['F32', 'F64']) }),
      z.object({
        name: z.string(),
        format: z.literal('parquet'),
        columns: z.array(z.object({ name: z.string(), type: z.enum(['string', 'int32', 'float64']) })),
      }),
    ]),
  ),
  scalars: z.array(z.object({ name: z.string(), dtype: z.literal('float64') })),
});

/** Code that the task runs, verified by the supervisor. */
const plugin = z.object({
  identity: id,
  /** Of the code. It differs where the identity names a declared science in place of the code; absent: the identity. */
  code: z.optional(id),
  /** What the plug-in declares: its name, the packages that it needs, and the file and function of each part. */
  manifest: z.looseObject({
    plugin: z.string(),
    requires: z.array(z.string()),
    parts: z.array(z.looseObject({ kind: z.string(), name: z.string() })),
  }),
  /** Text of each file, by its path in the folder of the plug-in. */
  files: z.record(z.string(), z.string()),
});

const common = {
  v: z.literal(1),
  taskId: id,
  /** Keys every random draw. */
  seed: z.int().min(0),
  /** Versions of the science that the task uses, by name; a program that has another one, or lacks one, refuses. */
  science: z.record(z.string(), z.int().min(1)),
  data,
  network,
  returns,
  plugins: z.optional(z.array(plugin)),
};

const trainTask = z.object({
  ...common,
  kind: z.literal('train'),
  training,
  /** A settled snapshot to start from. */
  startFrom: z.optional(snapshotCell),
  /** Wanted snapshots, by ascending epoch. */
  cells: z.array(snapshotCell).min(1),
  checkpointEveryMs: z.int().min(1),
});
export type TrainTask = z.infer<typeof trainTask>;

const evaluateTask = z.object({
  ...common,
  kind: z.literal('evaluate'),
  evaluation,
  /** By ascending epsilon. */
  cells: z.array(evaluateCell).min(1),
});
export type EvaluateTask = z.infer<typeof evaluateTask>;

export const taskDocument = z.discriminatedUnion('kind', [trainTask, evaluateTask]);
export type TaskDocument = z.infer<typeof taskDocument>;
