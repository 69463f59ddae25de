/** An entry that names a catalog part → the values of the part's fields. */
import type { Fields, Values } from '@ncsweep/catalog/fields';
import type { Part } from '@ncsweep/catalog/part';
import { foreignFields, readFields, type PartKind } from '@ncsweep/catalog/part-kind';
import { valueAt } from './problem.ts';
import type { Reporter } from './reporter.ts';

/** @returns undefined when a value is invalid, which is reported */
export function resolvePart<F extends Fields>(
  kind: PartKind,
  part: Part<string, F>,
  written: Readonly<Record<string, unknown>>,
  report: Reporter,
): Values<F> | undefined {
  for (const [field, expected] of foreignFields(kind, part, written)) report.refuseFields(written, [field], expected);
  return readFields(part, written, (path, expected, remedy) =>
    report.at(...path).refuse(valueAt(written, path), expected, remedy),
  );
}
