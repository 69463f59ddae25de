import { z } from 'zod';
import { defineAttack } from './attack.ts';
import { norm } from './norm.ts';
import { targets } from './target.ts';

const chooses = 'FAB walks to the boundary by itself';

export const fabTargeted = defineAttack({
  name: 'fab-t',
  summary:
    'the nearest image that FAB finds beyond the boundary to one of the likeliest wrong classes, once for all budgets; where it is farther than eps the image stays clean (Croce & Hein 2020)',
  fields: {
    norm: norm.default('linf').describe('that is minimised'),
    steps: z.int().min(1).max(10_000).default(100).describe('iterations for each class'),
    targets,
  },
  lacks: {
    stepSize: chooses,
    randomStart: 'fab-t starts at the clean image',
    start: 'fab-t starts at the clean image',
    restarts: 'fab-t starts once for each target',
    objective: 'fab-t follows the difference of two logits',
    target: 'fab-t tries the likeliest wrong classes in turn; for one target for each class write kind: pgd',
  },
  sharesWork: true,
  normOf: (values) => values.norm,
  targetOf: () => 'none',
  climbs: () => 'network',
  gradients: ({ steps, targets }) => steps * targets,
  forwardPasses: ({ steps, targets }) => steps * targets,
  smoke: { steps: 2, targets: 1 },
});
