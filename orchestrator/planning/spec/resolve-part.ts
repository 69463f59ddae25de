/** An entry that names a catalog part → the values of the part's fields. */
import type { Fields, Values } from '@ncsweep/catalog/fields';
import type { Part, Refuse } from '@ncsweep/catalog/part';
import { foreignFields, readFields, type PartKind } from '@ncsweep/catalog/part-kind';
import { valueAt } from './problem.ts';
import type { Reporter } from './reporter.ts';

/**
 * Of an entry that lost a value, only what does not depend on other values is checked.
 * @returns undefined when a value is invalid or was refused before
 */
export function resolvePart<F extends Fields>(
  kind: PartKind,
  part: Part<string, F>,
  written: Readonly<Record<string, unknown>>,
  report: Reporter,
): Values<F> | undefined {
  for (const [field, expected] of foreignFields(kind, part, written)) report.refuseFields(written, [field], expected);
  const refuse: Refuse = (path, expected, remedy) => report.at(...path).refuse(valueAt(written, path), expected, remedy);
  const values = readFields(part, written, refuse, report.isWhole);
  return report.isWhole ? values : undefined;
}
