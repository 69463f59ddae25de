/** Refuses labels of results that readers of the tables would misread. */
import type { Reporter } from './reporter.ts';

/** What pandas, R, DuckDB and spreadsheets take for a missing value, regardless of case. */
const missing = /^(na|n\.a\.?|nan|null|nil|none|missing|inf|infinity)$/i;

/** Refuses a label that readers of tables take for a missing value. @param report at the label */
export function checkLabel(label: string, report: Reporter): void {
  if (missing.test(label))
    report.refuse(
      label,
      'a label that readers of tables take for text, not for a missing value',
      `write it out, as in "${label}-1"`,
    );
}
