import { z } from 'zod';
import { notation } from '../fields.ts';
import { decimal } from '../language/notations.ts';
import { defineLoss } from './loss.ts';

export const trades = defineLoss({
  name: 'trades',
  summary: 'TRADES (Zhang et al. 2019): CE(f(x), y) + beta KL(f(x) ‖ f(x′))',
  fields: {
    beta: notation(decimal, (text) => Number(text), z.number().min(0))
      .default(6)
      .describe('weight of the robust term'),
  },
  adversarial: 'always',
  objective: 'kl',
  start: { kind: 'normal', deviation: 0.001 },
  startsAt: 'x + 0.001*N(0,I)',
  updatePasses: 2,
});
