import { z } from 'zod';
import { defineAttack } from './attack.ts';
import { norm } from './norm.ts';
import { climbedBy, fewestClassesOf, objective } from './objective.ts';
import { targets } from './target.ts';

const shared = {
  norm: norm.default('linf').describe('of the ball'),
  steps: z.int().min(1).max(10_000).default(100).describe('gradient steps of a run'),
};

const lacks = {
  stepSize: 'Auto-PGD chooses its own steps, the first of 2*eps',
  randomStart: 'Auto-PGD always starts at a random point of its own',
  start: 'Auto-PGD always starts at a random point of its own',
};

/** Each run also takes the gradient at its start. */
const gradientsOf = (steps: number, runs: number): number => (steps + 1) * runs;

export const apgd = defineAttack({
  name: 'apgd',
  summary: 'Auto-PGD: momentum, and a step size that halves where the loss stalls (Croce & Hein 2020)',
  fields: {
    ...shared,
    restarts: z.int().min(1).max(1000).default(1).describe('number of random starts; the strongest result is kept'),
    objective,
  },
  lacks: { ...lacks, target: 'apgd aims at no class; apgd-t tries the likeliest wrong ones' },
  sharesWork: false,
  normOf: (values) => values.norm,
  targetOf: () => 'none',
  climbs: (values) => climbedBy(values.objective).climbs,
  lossOf: (values) => climbedBy(values.objective).loss,
  gradients: ({ steps, restarts }) => gradientsOf(steps, restarts),
  fewestClasses: (values) => fewestClassesOf(values.objective),
  smoke: { steps: 2, restarts: 1 },
});

export const apgdTargeted = defineAttack({
  name: 'apgd-t',
  summary:
    'Auto-PGD on the targeted difference of logits ratio, once for each of the likeliest wrong classes, the strongest kept (Croce & Hein 2020)',
  fields: {
    ...shared,
    targets,
  },
  lacks: {
    ...lacks,
    target: 'apgd-t tries the likeliest wrong classes in turn; for one target for each class write kind: pgd',
    restarts: 'apgd-t starts once for each target',
    objective: 'apgd-t climbs the targeted difference of logits ratio',
  },
  sharesWork: false,
  normOf: (values) => values.norm,
  targetOf: () => 'none',
  climbs: () => 'network',
  lossOf: () => 'dlr',
  gradients: ({ steps, targets }) => gradientsOf(steps, targets),
  fewestClasses: () => 4,
  smoke: { steps: 2, targets: 1 },
});
