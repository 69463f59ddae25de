/**
 * What a sweep means where it says nothing: the set-up of the paper (arXiv 2311.07444), and sizes of our own where it gives none.
 */

type Defaulted<S, D> = Omit<S, keyof D> & {
  readonly [K in keyof D]: D[K] | (K extends keyof S ? Exclude<S[K], undefined> : never);
};

/** `spec` with defaults for what it leaves out. */
export function withDefaults<S extends object, D extends object>(spec: S, defaults: D): Defaulted<S, D> {
  const given = Object.entries(spec).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(given) } as Defaulted<S, D>;
}

/** Defaults of all trainings; each loss has further ones of its own. */
export const trainingDefaults = {
  batchNorm: 'train' as const,
  epochs: 400,
  batchSize: 128,
  learningRate: 0.1,
  momentum: 0.9,
  weightDecay: 0.0005,
  schedule: 'paper' as const,
};

export const executionDefaults = {
  /** Applies on a cluster; a sweep that runs on a single machine has another default. */
  parallelism: 2,
  backend: 'auto' as const,
  evaluationBatchSize: 250,
  attemptDeadlineSeconds: 86_400,
  checkpointEverySeconds: 60,
};
