/** What the planner's threads are asked to do, and what they answer. */
import type { PushedData } from '../../planning/spec/pushed-data.ts';
import type { AdmissionRules, Counted, Refused } from '../decide/admit.ts';

export interface PlanRequest {
  /** Counts from 0 in each thread. */
  readonly id: number;
  readonly name: string;
  readonly spec: Readonly<Record<string, unknown>>;
  readonly data: PushedData;
  readonly rules: AdmissionRules;
  /** Only the size of the plan is wanted. */
  readonly countsOnly: boolean;
}

export type PlanAnswer =
  | Counted
  | Refused
  /** A plan as bytes (plan-document.ts). */
  | { readonly kind: 'planned'; readonly document: Uint8Array }
  | { readonly kind: 'failed'; readonly message: string };

/** A message from a thread: that it has started, or an answer. */
export type ThreadMessage = 'ready' | { readonly id: number; readonly answer: PlanAnswer };

export interface ThreadData {
  /** Where plans are kept across restarts; undefined: nowhere. */
  readonly cacheFolder: string | undefined;
}
