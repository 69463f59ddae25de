/**
 * The fully defaulted parameters that enter cell ids (docs/contracts.md "Identity"). Names a user gives to a recipe or an attack are
 * labels and stay out, so that equal work is done once, whatever it is called. Paths stay out too: a dataset enters by its digest.
 */
import { fraction } from '@ncsweep/protocol/rational';
import { z } from 'zod';
import { attackParams, trainingAttack } from './attacks.ts';
import { splits } from './axes.ts';
import { architectureParams } from './architectures.ts';
import { datasetParams } from './datasets.ts';
import { lossShapes, type LossParams } from './losses.ts';
import { pluggedMetric } from './plugins/plugged-metric.ts';
import { paramsUnion } from './part.ts';

const count = z.int().min(1);
const sha = z.string().regex(/^[0-9a-f]{64}$/);

const training = {
  kind: z.literal('train'),
  /** Null: standard training, on clean images. */
  attack: z.nullable(trainingAttack),
  /** Batch-norm mode of the update pass. */
  batchNorm: z.enum(['train', 'eval']),
  epochs: count,
  batchSize: count,
  learningRate: z.number().positive(),
  momentum: z.number().min(0).max(1),
  weightDecay: z.number().min(0),
  schedule: z.enum(['paper', 'cosine', 'constant']),
  /** How often an epoch shows each image of a minority class; absent: once. */
  oversampling: z.int().min(2).optional(),
};

/** How a network is trained: the parameters common to all trainings, and those of the loss. */
export type TrainRecipe<L extends LossParams = LossParams> = z.infer<z.ZodObject<typeof training>> & L;

const trainRecipe = paramsUnion<TrainRecipe>(
  'loss',
  lossShapes.map((shape) => ({ ...training, ...shape })),
);

/** Weights made elsewhere, identified by the sha256 of their safetensors file; their only snapshot is epoch 0. */
const importRecipe = z.object({ kind: z.literal('import'), weightsSha256: sha });

export type RecipeParams = TrainRecipe | z.infer<typeof importRecipe>;
export const recipeParams = z.union([trainRecipe, importRecipe]);

/** The recipe's final epoch; imported weights have epoch 0 only. */
export const lastEpoch = (recipe: RecipeParams): number => (recipe.kind === 'train' ? recipe.epochs : 0);

/** One training run, whichever of its epochs are requested. */
export const lineage = z.object({
  dataset: datasetParams,
  architecture: architectureParams,
  recipe: recipeParams,
  seed: z.int().min(0),
});
export type Lineage = z.infer<typeof lineage>;

/** A lineage at one epoch; epoch 0 is the untrained network. */
export const snapshotParams = lineage.extend({ epoch: z.int().min(0) });
export type SnapshotParams = z.infer<typeof snapshotParams>;

/** The snapshot evaluated is the cell's first input. */
export const evaluateParams = z.object({
  attack: attackParams,
  epsilon: fraction,
  split: z.enum(splits),
  /** Of plug-ins, beside those of the catalog; absent where there are none. */
  metrics: z.array(pluggedMetric).readonly().optional(),
});
export type EvaluateParams = z.infer<typeof evaluateParams>;
