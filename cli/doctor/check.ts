/** The result of one check, and what to do when it failed. */
export interface Finding {
  readonly name: string;
  readonly outcome: 'ok' | 'warning' | 'failed';
  readonly detail: string;
  readonly remedy?: string;
}

export const ok = (name: string, detail: string): Finding => ({ name, outcome: 'ok', detail });
export const warning = (name: string, detail: string, remedy: string): Finding => ({ name, outcome: 'warning', detail, remedy });
export const failed = (name: string, detail: string, remedy: string): Finding => ({ name, outcome: 'failed', detail, remedy });
export const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const marks = { ok: 'ok     ', warning: 'warning', failed: 'FAILED ' } as const;

export const findingsText = (findings: readonly Finding[]): string =>
  findings
    .map(
      ({ name, outcome, detail, remedy }) =>
        `${marks[outcome]}  ${name}: ${detail}${remedy === undefined ? '' : `\n         Remedy: ${remedy}`}\n`,
    )
    .join('');
