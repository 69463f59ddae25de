/** provenance.json: everything that may differ between two runs with equal science. */
import type { SweepTables } from '@ncsweep/catalog/sweep-tables';
import { canonicalJson } from '@ncsweep/protocol/canonical';
import { conventions } from './conventions.ts';

/** Sorts the fields, so that a sweep read from a file and the same sweep read from a store yield the same bytes. */
const inOrder = (value: unknown): unknown => JSON.parse(canonicalJson(value));

export function provenanceJson({ sweep, planDigest, cells }: SweepTables): string {
  const ordered = cells.map((cell) => ({ ...cell, params: inOrder(cell.params) }));
  const content = { v: 1, sweep: inOrder(sweep), planDigest, conventions: conventions(sweep), cells: ordered };
  return `${JSON.stringify(content, undefined, 1)}\n`;
}
