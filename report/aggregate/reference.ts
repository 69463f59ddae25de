/** The values of the natural references that claims compare with (defined in catalog/claims/claim.ts). */
import type { ReferenceName } from '@ncsweep/catalog/claims/claim';

/** √((K−2)/(2(K−1))); 0 for two classes, whose only edge has its midpoint at the centre. */
export const midEdge = (classes: number): number => Math.sqrt((classes - 2) / (2 * (classes - 1)));

/** In degrees. */
export const midEdgeAngle = (classes: number): number => (180 / Math.PI) * Math.acos(midEdge(classes));

export const chance = (classes: number): number => 1 / classes;

const values: Readonly<Record<ReferenceName, (classes: number) => number>> = {
  chance,
  'equal-spread': (classes) => classes - 1,
  orthogonal: (classes) => 1 / (classes - 1),
  'mid-edge': midEdge,
  'mid-edge-angle': midEdgeAngle,
  simplex: (classes) => -1 / (classes - 1),
  'right-angle': () => 0,
};

/** @param classes K ≥ 2 */
export const referenceValue = (name: ReferenceName, classes: number): number => values[name](classes);
