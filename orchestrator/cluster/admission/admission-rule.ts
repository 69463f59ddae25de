import type { Fault, Message, Step } from './cel.ts';

/** Something that an admission policy refuses. */
export interface AdmissionRule {
  /** Expression of the object from which the steps go. */
  readonly root: string;
  readonly steps: readonly Step[];
  readonly fault: Fault;
  /** About the first value that is wrong. */
  readonly message: Message;
}
