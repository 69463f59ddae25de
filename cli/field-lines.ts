/** A table of the fields in which two sweeps differ. */
import type { FieldDifference } from '@ncsweep/report/aggregate/sweep-diff';
import { textRows } from './cluster/table.ts';

const shown = (value: unknown): string =>
  value === undefined || value === '' ? '(none)' : typeof value === 'string' ? value : JSON.stringify(value);

export function fieldLines(title: string, fields: readonly FieldDifference[]): string[] {
  if (fields.length === 0) return [`${title}: equal\n`];
  return [
    `${title}: ${fields.length} differ\n`,
    textRows(fields.map(({ path, a, b }) => [`  ${path}`, shown(a), '→', shown(b)])),
  ];
}
