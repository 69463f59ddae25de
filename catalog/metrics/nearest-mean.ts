import { defineMetrics, share, code, ours } from './metric.ts';
import { tolerances } from './tolerance.ts';

export const nearestMean = defineMetrics({
  name: 'nearest-mean',
  summary: 'The nearest-class-mean classifier',
  entries: {
    nc4_own: {
      tolerance: tolerances.share,
      ...share,
      label: 'NC4, own means',
      formula: '1 − P(nearest mu_c = network prediction)',
      atCollapse: 0,
      source: code,
      needs: ['predictions'],
    },
    nc4_clean: {
      tolerance: tolerances.share,
      ...share,
      label: 'NC4, clean means',
      formula: '1 − P(nearest mu′_c = network prediction)',
      atCollapse: 0,
      source: ours,
      needs: ['clean means', 'predictions'],
    },
    ncc_accuracy_clean_means: {
      tolerance: tolerances.share,
      ...share,
      label: 'NCC accuracy, clean means',
      formula: 'P(nearest mu′_c = y)',
      source: ours,
      needs: ['clean means'],
    },
    ncc_accuracy_own_means: {
      tolerance: tolerances.share,
      ...share,
      label: 'NCC accuracy, own means',
      formula: 'P(nearest mu_c = y)',
      source: ours,
    },
    adaptive_ncc_accuracy: {
      tolerance: tolerances.share,
      ...share,
      label: 'NCC accuracy, adaptive attack',
      formula: 'P(nearest mu′_c = y) under an attack on that nearest-mean classifier itself',
      atCollapse: null,
      source: ours,
      needs: ['clean means', 'adaptive attack'],
    },
  },
});
