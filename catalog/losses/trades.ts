import { defineLoss } from './loss.ts';
import { termWeight } from './term-weight.ts';

export const trades = defineLoss({
  name: 'trades',
  summary: 'TRADES (Zhang et al. 2019): CE(f(x), y) + beta KL(f(x) ‖ f(x′))',
  fields: { beta: termWeight().default(6).describe('weight of the robust term') },
  adversarial: 'always',
  objective: 'kl',
  start: { kind: 'normal', deviation: 0.001 },
  startsAt: 'x + 0.001*N(0,I)',
  updatePasses: 2,
});
