import { defineMetrics, positive, cosine, code } from './metric.ts';
import { tolerances } from './tolerance.ts';

export const simplex = defineMetrics({
  name: 'simplex',
  summary: 'Whether class means and classifier weights form a simplex, and the same one',
  entries: {
    nc2_equinorm_means: {
      tolerance: tolerances.size,
      ...positive,
      label: 'NC2 norms, means',
      formula: 'std_c ‖m_c‖ / mean_c ‖m_c‖, ddof = 1',
      source: code,
    },
    nc2_equinorm_weights: {
      tolerance: tolerances.size,
      ...positive,
      label: 'NC2 norms, weights',
      formula: 'std_c ‖w_c‖ / mean_c ‖w_c‖, ddof = 1, rows of W not centred',
      source: code,
      needs: ['weights'],
    },
    nc2_equiangular_means: {
      tolerance: tolerances.cosine,
      ...positive,
      label: 'NC2 angles, means',
      formula: 'mean over i ≠ j of |cos(m_i, m_j) + 1/(K−1)|',
      range: [0, 2],
      source: code,
    },
    nc2_equiangular_weights: {
      tolerance: tolerances.cosine,
      ...positive,
      label: 'NC2 angles, weights',
      formula: 'mean over i ≠ j of |cos(w_i, w_j) + 1/(K−1)|, rows of W not centred',
      range: [0, 2],
      source: code,
      needs: ['weights'],
    },
    nc2_cosines: {
      tolerance: tolerances.cosine,
      ...cosine,
      label: 'cosines of centred class means',
      formula: 'cos(m_i, m_j); −1/(K−1) off the diagonal at collapse',
      atCollapse: null,
      source: code,
      shape: 'classes×classes',
      needs: [],
    },
    nc3: {
      tolerance: tolerances.size,
      ...positive,
      label: 'NC3',
      formula: '‖Wᵀ/‖W‖_F − M/‖M‖_F‖_F², last layer only',
      range: [0, 4],
      source: code,
      needs: ['weights'],
    },
  },
});
