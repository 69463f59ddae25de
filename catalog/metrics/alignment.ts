import { angle, code, defineMetrics, featureUnits, ours, positive } from './metric.ts';
import { tolerances } from './tolerance.ts';

export const alignment = defineMetrics({
  name: 'alignment',
  summary: 'How the class means of perturbed data lie against those of the clean data',
  entries: {
    simplex_angle: {
      tolerance: tolerances.angle,
      ...angle,
      label: 'angle clean↔perturbed simplex',
      formula: 'arccos of the cosine of m_c and m′_c, each centred by its own mu_G',
      source: code,
      needs: ['clean means'],
    },
    mean_angle: {
      tolerance: tolerances.angle,
      ...angle,
      label: 'angle clean↔perturbed means',
      formula: 'arccos of the cosine of mu_c and mu′_c, not centred',
      source: code,
      needs: ['clean means'],
    },
    mean_distance: {
      tolerance: tolerances.size,
      ...positive,
      label: 'distance clean↔perturbed means',
      formula: '‖mu_c − mu′_c‖',
      unit: featureUnits,
      source: code,
      shape: 'scalar+classes',
      needs: ['clean means'],
    },
    split_half_angle: {
      tolerance: tolerances.angle,
      ...angle,
      label: 'split-half angle',
      formula:
        'angle between the centred class means of the even and of the odd samples of each class: noise floor of simplex_angle',
      source: ours,
      needs: [],
    },
  },
});
