/**
 * The fully defaulted parameters that enter cell ids (CONTRACTS.md "Identity"). Names a user gives to a recipe or an attack are
 * labels and stay out, so that equal work is done once whatever it is called. Paths stay out too: a dataset enters by its digest.
 */
import { z } from 'zod';

/** Reduced fraction in [0,1] pixel units, "p/q". */
export const fraction = z.string().regex(/^\d+\/[1-9]\d*$/);
const count = z.int().min(1);
const sha = z.string().regex(/^[0-9a-f]{64}$/);

const subset = {
  /** Original label values that are kept, ascending; they are renumbered 0..K-1. Empty: all. */
  classes: z.array(z.int().min(0)),
  /** Examples kept per class, the first in file order; 0 keeps all. */
  trainPerClass: z.int().min(0),
  testPerClass: z.int().min(0),
};

export const datasetParams = z.discriminatedUnion('name', [
  z.object({
    name: z.literal('prototypes'),
    digest: sha,
    classes: count,
    trainPerClass: count,
    testPerClass: count,
    /** Side of the square single-channel image in pixels. */
    imageSize: count,
  }),
  z.object({ name: z.enum(['cifar10', 'cifar100', 'mnist']), digest: sha, ...subset }),
  z.object({ name: z.enum(['imagenette', 'image-folder']), digest: sha, imageSize: count, ...subset }),
]);
export type DatasetParams = z.infer<typeof datasetParams>;

export const architectureParams = z.object({
  name: z.enum(['mlp', 'convnet', 'vgg11-bn', 'preact-resnet18']),
  /** Channels of the first block (units of a hidden layer for mlp). */
  width: count,
  /** Hidden layers of mlp, conv layers of convnet; fixed by the other architectures. */
  depth: count,
});
export type ArchitectureParams = z.infer<typeof architectureParams>;

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

export const recipeParams = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('train'),
    /** ce without attack: standard training; ce with attack: adversarial training; trades: TRADES. */
    loss: z.enum(['ce', 'trades']),
    attack: z.nullable(trainingAttack),
    /** TRADES' weight of the robust term; 0 for ce. */
    beta: z.number().min(0),
    /** Batch-norm mode of the update pass. */
    batchNorm: z.enum(['train', 'eval']),
    epochs: count,
    batchSize: count,
    learningRate: z.number().positive(),
    momentum: z.number().min(0).max(1),
    weightDecay: z.number().min(0),
    schedule: z.enum(['paper', 'cosine', 'constant']),
  }),
  /** Weights made elsewhere, by the sha256 of their safetensors file; its one snapshot is epoch 0. */
  z.object({ kind: z.literal('import'), weightsSha256: sha }),
]);
export type RecipeParams = z.infer<typeof recipeParams>;

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

export const backendName = z.enum(['native-gpu', 'native-cpu', 'wasm']);
export type BackendName = z.infer<typeof backendName>;
