/** What a check of the contract is, and what it has to work with. */
import type { DecodedData } from '@ncsweep/catalog/compute/document';
import { ContractError, demand } from './contract-error.ts';
import type { Golden } from './golden-numbers.ts';
import type { Outcome, Session } from './session.ts';

export interface Bench {
  readonly decoded: DecodedData;
  readonly golden: Golden;
  /** Folder for what checks write. */
  readonly folder: string;
  /** A program that has ended its earlier tasks; started again when it was killed. */
  session(): Promise<Session>;
}

export interface Check {
  /** Unique and short. */
  readonly id: string;
  /** What a program does that passes. */
  readonly title: string;
  /** @throws ContractError */
  run(bench: Bench): Promise<void>;
}

export const check = (id: string, title: string, run: Check['run']): Check => ({ id, title, run });

const described = ({ end, failure, message }: Outcome): string =>
  `${end}${failure ? ` (${failure.class})` : ''} ${message}`.trim();

export function demandDone(outcome: Outcome): Outcome {
  demand(outcome.end === 'done', `found ${described(outcome)}; expected done`);
  return outcome;
}

export function demandFailed(outcome: Outcome, failureClass: string): void {
  const is = outcome.end === 'failed' && outcome.failure?.class === failureClass;
  demand(is, `found ${described(outcome)}; expected failed (${failureClass})`);
}

export function demandRefused(outcome: Outcome): void {
  demand(outcome.end === 'refused', `found ${described(outcome)}; expected refused`);
  demand(outcome.commits.size === 0, 'it refused a task after it had committed a cell');
}

/** Largest difference, as a fraction of the largest expected number. */
export function differenceOf(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) throw new ContractError(`${found.length} numbers; expected ${expected.length}`);
  let [worst, largest] = [0, 1e-30];
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(found[i]! - expected[i]!);
    if (!(difference <= worst)) worst = difference;
    largest = Math.max(largest, Math.abs(expected[i]!));
  }
  return worst / largest;
}

/** @throws ContractError where a difference is above the bound, or no number */
export function demandClose(what: string, found: ArrayLike<number>, expected: ArrayLike<number>, bound: number): void {
  const difference = differenceOf(found, expected);
  demand(
    difference <= bound,
    `${what}: differs by ${difference.toExponential(1)} of its largest number; expected at most ${bound}`,
  );
}

export function demandEqualBytes(what: string, found: Uint8Array | undefined, expected: Uint8Array): void {
  demand(found !== undefined && Buffer.compare(found, expected) === 0, `${what}: other bytes`);
}
