import { defineMetrics, positive, code, ours, literature } from './metric.ts';
import { tolerances } from './tolerance.ts';

export const withinClass = defineMetrics({
  name: 'within-class',
  summary: 'Spread within classes against spread between them',
  entries: {
    nc1: {
      tolerance: tolerances.size,
      ...positive,
      label: 'NC1',
      formula: 'Tr(Sigma_W Sigma_B⁺), not divided by K',
      source: code,
    },
    nc1_per_class: { tolerance: tolerances.size, ...positive, label: 'NC1 / K', formula: 'nc1 / K', source: code },
    nc1_quotient: {
      tolerance: tolerances.size,
      ...positive,
      label: 'NC1 quotient',
      formula: 'Tr Sigma_W / Tr Sigma_B',
      source: literature('Tirer, Huang, Niles-Weed, arXiv 2210.16658'),
    },
    cdnv: {
      tolerance: tolerances.ratio,
      ...positive,
      label: 'CDNV',
      formula: 'mean over pairs of classes of (v_i + v_j) / (2 ‖mu_i − mu_j‖²), v_c = mean over class c of ‖h − mu_c‖²',
      source: literature('Galanti, György, Hutter, arXiv 2112.15121'),
    },
    separation: {
      tolerance: tolerances.size,
      ...positive,
      label: 'separation D',
      formula: 'Tr(SS_W SS_B⁺), class means weighted by class size; equal to nc1 when classes are balanced',
      source: literature('He, Su, arXiv 2210.17020'),
    },
    sigma_b_rank: {
      tolerance: tolerances.given,
      ...positive,
      label: 'rank of Sigma_B',
      formula: 'number of eigenvalues above 1e−10 of the largest; K − 1 is full',
      atCollapse: null,
      source: ours,
      scale: 'linear',
    },
    sigma_b_condition: {
      tolerance: tolerances.size,
      ...positive,
      label: 'condition of Sigma_B',
      formula: 'largest over smallest eigenvalue counted in the rank; nc1 is noise when it explodes',
      range: [1, Infinity],
      atCollapse: 1,
      source: ours,
    },
  },
});
