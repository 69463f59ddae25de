/** provenance.json: everything that may differ between two runs with equal science. */
import type { SweepTables } from '@ncsweep/catalog/sweep-tables';
import { conventions } from './conventions.ts';

export function provenanceJson({ sweep, planDigest, cells }: SweepTables): string {
  return `${JSON.stringify({ v: 1, sweep, planDigest, conventions: conventions(sweep), cells }, undefined, 1)}\n`;
}
