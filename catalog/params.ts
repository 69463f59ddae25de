/**
 * The fully defaulted parameters that enter cell ids (docs/contracts.md "Identity"). Names a user gives to a recipe or an attack are
 * labels and stay out, so that equal work is done once whatever it is called. Paths stay out too: a dataset enters by its digest.
 */
import { fraction } from '@ncsweep/protocol/rational';
import { z } from 'zod';
import { architectureParams } from './architectures.ts';
import { datasetParams } from './datasets.ts';
import { lossShapes, type LossName, type LossParams } from './losses.ts';
import { paramsUnion } from './part.ts';

const count = z.int().min(1);
const sha = z.string().regex(/^[0-9a-f]{64}$/);

export const stepSize = z.discriminatedUnion('kind', [
  /** A fixed step in pixel units. */
  z.object({ kind: z.literal('absolute'), value: fraction }),
  /** A multiple of the attack's epsilon. */
  z.object({ kind: z.literal('relative'), value: fraction }),
]);
export type StepSize = z.infer<typeof stepSize>;

export const attackTarget = z.enum(['none', 'next-class']);

const norm = z.enum(['linf', 'l2']);
export type Norm = z.infer<typeof norm>;

/**
 * Where the random start of a PGD lies. `direction`: a random direction times U(0,1)·eps, as in the source paper; `ball`: uniform in the
 * ball, which in many dimensions means on its surface.
 */
export type RandomStart = 'direction' | 'ball';

export const defaultStart = { linf: 'ball', l2: 'direction' } as const satisfies Record<Norm, RandomStart>;

/** A parameter only where it is not its norm's default: ids of attacks that have no choice stay what they were. */
const start = z.literal('ball').optional();

/** An attack family: everything but its epsilon. `none` is the clean evaluation that every family shares at epsilon 0. */
export const attackParams = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({ kind: z.literal('fgsm'), target: attackTarget }),
  z.object({
    kind: z.literal('pgd'),
    norm,
    steps: count,
    stepSize,
    restarts: count,
    randomStart: z.boolean(),
    start,
    /** ce: the network's cross-entropy. ncc: cross-entropy of each layer's own nearest-class-mean logits (adaptive control). */
    objective: z.enum(['ce', 'ncc']),
    target: attackTarget,
  }),
  z.object({ kind: z.literal('sign-noise') }),
  z.object({ kind: z.literal('sphere-noise') }),
  z.object({ kind: z.literal('gaussian-noise') }),
]);
export type AttackParams = z.infer<typeof attackParams>;

/** The norm in which a perturbation of this attack is measured. */
export function attackNorm(attack: AttackParams): Norm {
  if (attack.kind === 'pgd') return attack.norm;
  return attack.kind === 'sphere-noise' ? 'l2' : 'linf';
}

export const trainingAttack = z.object({
  norm,
  epsilon: fraction,
  steps: count,
  stepSize,
  randomStart: z.boolean(),
  start,
});
export type TrainingAttack = z.infer<typeof trainingAttack>;

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
};

/** How a network is trained: what all trainings have, and the parameters of the loss. */
export type TrainRecipe<L extends LossName = LossName> = z.infer<z.ZodObject<typeof training>> & LossParams<L>;

const trainRecipe = paramsUnion<TrainRecipe>(
  'loss',
  lossShapes.map((shape) => ({ ...training, ...shape })),
);

/** Weights made elsewhere, by the sha256 of their safetensors file; its one snapshot is epoch 0. */
const importRecipe = z.object({ kind: z.literal('import'), weightsSha256: sha });

export type RecipeParams = TrainRecipe | z.infer<typeof importRecipe>;
export const recipeParams = z.union([trainRecipe, importRecipe]);

/** One training run, whatever epochs are asked of it. */
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
export const evaluateParams = z.object({ attack: attackParams, epsilon: fraction, split: z.enum(['train', 'test']) });
export type EvaluateParams = z.infer<typeof evaluateParams>;
