import { z } from 'zod';
import { defineAttack } from './attack.ts';
import { norm } from './norm.ts';

const isSearch = 'square is a random search: write queries';

export const square = defineAttack({
  name: 'square',
  summary:
    'random search over squares of pixels that looks at the logits and at no gradient, as in AutoAttack (Andriushchenko et al. 2020)',
  fields: {
    norm: norm.default('linf').describe('of the ball'),
    queries: z
      .int()
      .min(1)
      .max(100_000)
      .default(5000)
      .describe('forward passes that an image may cost; it stops at the first that is misclassified'),
  },
  lacks: {
    steps: isSearch,
    stepSize: isSearch,
    restarts: isSearch,
    randomStart: 'square always starts at random stripes or tiles',
    start: 'square always starts at random stripes or tiles',
    objective: "square climbs the margin of the network's logits",
    target: 'square aims at no class',
  },
  sharesWork: false,
  normOf: (values) => values.norm,
  targetOf: () => 'none',
  climbs: () => 'nothing',
  gradients: () => 0,
  /** And the clean image and the start. */
  forwardPasses: ({ queries }) => queries + 2,
  smoke: { queries: 2 },
});
