import { defineLoss } from './loss.ts';

export const meanSquaredError = defineLoss({
  name: 'mse',
  summary: 'Mean squared error (Han, Papyan, Donoho 2022): ½ ‖f(x) − e_y‖², e_y the one-hot vector of the class',
  fields: {},
  adversarial: 'optional',
  updatePasses: 1,
});
