import { defineLoss } from './loss.ts';
import { termWeight } from './term-weight.ts';

export const spectralDecoupling = defineLoss({
  name: 'spectral-decoupling',
  summary:
    'Spectral decoupling (Pezeshki et al. 2021): CE(f(x), y) + ½ lambda ‖f(x)‖², a penalty on logits in place of weight decay',
  fields: { lambda: termWeight().default(0.01).describe('weight of the penalty on logits') },
  adversarial: 'optional',
  updatePasses: 1,
});
