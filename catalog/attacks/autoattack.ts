import { z } from 'zod';
import { defineAttack } from './attack.ts';
import { norm } from './norm.ts';
import { targets } from './target.ts';

/** `light` is the part of `standard` that follows the gradient of a loss, and so the cheapest that it does not help to hide from. */
export const autoattackVersions = ['standard', 'light', 'rand'] as const;

const ensemble = 'autoattack runs attacks with choices of their own';

interface Cost {
  readonly version: (typeof autoattackVersions)[number];
  readonly steps: number;
  readonly targets: number;
  readonly queries: number;
}

/** If every example stands until the end: the most that it can cost. */
function gradientsOf({ version, steps, targets }: Cost): number {
  const apgd = steps + 1;
  if (version === 'rand') return 2 * apgd;
  return (1 + targets) * apgd + (version === 'standard' ? targets * steps : 0);
}

export const autoattack = defineAttack({
  name: 'autoattack',
  summary:
    'AutoAttack (Croce & Hein 2020): each attack tries the images that those before it left right; accuracy is the share that stand, and metrics are those of the images of Auto-PGD on the cross-entropy',
  fields: {
    norm: norm.default('linf').describe('of the ball'),
    version: z
      .enum(autoattackVersions)
      .default('standard')
      .describe(
        'standard: apgd on ce, apgd-t, fab-t, square; light: the first two; rand: apgd on ce and on dlr, without averaging gradients, which are equal here',
      ),
    steps: z.int().min(1).max(10_000).default(100).describe('of each run of apgd, apgd-t and fab-t'),
    targets,
    queries: z.int().min(1).max(100_000).default(5000).describe('of square'),
  },
  lacks: {
    stepSize: ensemble,
    randomStart: ensemble,
    start: ensemble,
    restarts: ensemble,
    objective: ensemble,
    target: 'autoattack aims at no class',
  },
  sharesWork: false,
  normOf: (values) => values.norm,
  targetOf: () => 'none',
  climbs: () => 'network',
  gradients: gradientsOf,
  forwardPasses: ({ version, steps, targets, queries }) => (version === 'standard' ? targets * steps + queries + 2 : 0),
  fewestClasses: ({ version }) => (version === 'rand' ? 3 : 4),
  smoke: { steps: 2, targets: 1, queries: 2 },
});
