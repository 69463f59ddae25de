import { defineMetrics, share, cosine, ours } from './metric.ts';
import { tolerances } from './tolerance.ts';

export const leaping = defineMetrics({
  name: 'leaping',
  summary: 'Where perturbed examples and class means lie among the clean vertices',
  entries: {
    leap_rate: {
      tolerance: tolerances.share,
      ...share,
      label: 'leap rate',
      formula: 'P(nearest mu′_c ≠ y)',
      atCollapse: 0,
      source: ours,
      needs: ['clean means'],
    },
    leap_matrix: {
      tolerance: tolerances.share,
      ...share,
      label: 'leap matrix',
      formula: 'row i, column j: P(nearest mu′_c = j given y = i)',
      atCollapse: null,
      source: ours,
      shape: 'classes×classes',
      needs: ['clean means'],
    },
    leap_cos_nearest: {
      tolerance: tolerances.cosine,
      ...cosine,
      label: 'class mean to nearest clean vertex',
      formula: 'max over j of cos(mu_c − mu′_G, m′_j)',
      shape: 'scalar+classes',
    },
    leap_cos_true: {
      tolerance: tolerances.cosine,
      ...cosine,
      label: 'class mean to own clean vertex',
      formula: 'cos(mu_c − mu′_G, m′_c)',
      shape: 'scalar+classes',
    },
    leap_example_cos_nearest: {
      tolerance: tolerances.cosine,
      ...cosine,
      label: 'example to nearest clean vertex',
      formula: 'mean over examples of max over j of cos(h − mu′_G, m′_j)',
    },
    leap_example_cos_true: {
      tolerance: tolerances.cosine,
      ...cosine,
      label: 'example to own clean vertex',
      formula: 'mean over examples of cos(h − mu′_G, m′_y)',
    },
  },
});
