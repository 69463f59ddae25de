/** The entries of an axis that can be read, and their labels in results. */
import type { z } from 'zod';
import { checkLabel } from './check-label.ts';
import type { Reporter } from './reporter.ts';

export interface Entries<T> {
  /** Entries that the schema accepts, with their positions. */
  readonly list: readonly (readonly [T, number])[];
  /** Whether all were accepted. */
  readonly hasAll: boolean;
}

/** @param report at the list */
export function entries<T extends z.ZodType>(value: unknown, schema: T, report: Reporter): Entries<z.infer<T>> {
  const all: unknown[] = Array.isArray(value) ? value.slice(0, 1000) : [];
  const list = all.flatMap((item, i) => {
    const parsed = schema.safeParse(item);
    return parsed.success ? [[parsed.data, i] as const] : [];
  });
  return { list, hasAll: report.hasAll && list.length === all.length && all.length > 0 };
}

/** An entry by its label in results. */
interface Labelled {
  readonly name: string;
  readonly as?: string | undefined;
}

/**
 * Checks the labels of an axis, which appear in the result tables.
 * @returns them; undefined unless all are known
 */
export function readLabels({ list, hasAll }: Entries<Labelled>, remedy: string, report: Reporter): readonly string[] | undefined {
  const seen = new Set<string>();
  const sure = list.filter(([, i]) => report.at(i, 'as').isWhole);
  for (const [{ name, as: label = name }, i] of sure) {
    checkLabel(label, report.at(i));
    if (seen.has(label)) report.at(i).refuse(label, 'a label that no entry before it has', remedy);
    seen.add(label);
  }
  return hasAll && sure.length === list.length ? [...seen] : undefined;
}
