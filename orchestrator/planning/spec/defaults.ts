/** The paper's set-up (arXiv 2311.07444), and sizes of ours where it has none: what a sweep means by what it does not say. */

type Defaulted<S, D> = Omit<S, keyof D> & {
  readonly [K in keyof D]: D[K] | (K extends keyof S ? Exclude<S[K], undefined> : never);
};

/** `spec` with what it leaves out. */
export function withDefaults<S extends object, D extends object>(spec: S, defaults: D): Defaulted<S, D> {
  const given = Object.entries(spec).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(given) } as Defaulted<S, D>;
}

/** What all trainings have; a loss has defaults of its own. */
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
  /** On a cluster; a machine that runs a sweep by itself has its own. */
  parallelism: 2,
  backend: 'auto' as const,
  evaluationBatchSize: 250,
  attemptDeadlineSeconds: 86_400,
  checkpointEverySeconds: 60,
};
