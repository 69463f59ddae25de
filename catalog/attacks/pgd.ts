import { attackStart } from '@ncsweep/protocol/compute/task-document';
import { z } from 'zod';
import { defineAttack } from './attack.ts';
import { norm } from './norm.ts';
import { climbedBy, fewestClassesOf, objective } from './objective.ts';
import { checkStart, settleStart, start, startRules } from './random-start.ts';
import { startDocument } from './start-document.ts';
import { stepSize } from './step-size.ts';
import { attackTargets, target } from './target.ts';

/** Steps of an iterated attack. */
export const steps = z.int().min(1).max(10_000).default(10).describe('gradient steps');

export const pgd = defineAttack({
  name: 'pgd',
  summary: 'gradient steps inside the ball of radius eps of its norm (Madry et al. 2018)',
  fields: {
    norm: norm.default('linf').describe('of the ball'),
    steps,
    stepSize: stepSize.describe('of each step'),
    restarts: z.int().min(1).max(1000).default(1).describe('number of random starts; the strongest result is kept'),
    randomStart: z.boolean().default(true).describe('whether the attack starts at a random point of the ball'),
    start,
    objective,
    target,
  },
  defaultsBy: { norm: { linf: { stepSize: 'eps/4' }, l2: { stepSize: '15/128*eps' } } },
  sharesWork: false,
  normOf: (values) => values.norm,
  targetOf: (values) => values.target,
  climbs: (values) => climbedBy(values.objective).climbs,
  lossOf: (values) => climbedBy(values.objective).loss,
  fewestClasses: (values) => fewestClassesOf(values.objective),
  gradients: (values) => values.steps * values.restarts,
  smoke: { steps: 2, restarts: 1 },
  check: (values, refuse) => {
    if (values.restarts > 1 && !values.randomStart)
      refuse(['restarts'], '1 without a random start: every restart would be the same', 'write randomStart: true');
    checkStart(values, refuse);
  },
  settle: settleStart,
  rules: [
    {
      rule: '!has(self.restarts) || self.restarts == 1 || !has(self.randomStart) || self.randomStart',
      message: 'restarts without a random start repeat the same attack',
    },
    ...startRules,
  ],
  resolve: ({ norm, target, steps, restarts, objective, ...rest }) => ({
    norm,
    target,
    steps,
    restarts,
    start: startDocument({ norm, ...rest }),
    objective,
  }),
  resolved: z.object({
    norm,
    target: z.enum(attackTargets),
    steps: z.int().min(1),
    restarts: z.int().min(1),
    start: attackStart,
    objective: objective.unwrap(),
  }),
  stepOf: (values) => values.stepSize,
  science: 2,
  /** 2 is the random start of the source paper in L2 (ADR 18). */
  scienceOf: (values) => (values.norm === 'l2' ? 2 : 1),
});
