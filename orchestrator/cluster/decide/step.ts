/** What a pass can decide to do to a Sweep, beside writing its status. Plain data: whoever applies steps decides nothing. */
import type { TaskClass } from '../jobs/pool-plan.ts';

export type Step =
  | { readonly kind: 'set-finalizers'; readonly finalizers: readonly string[] }
  /** The finalizer is removed for good, and an event says why. */
  | {
      readonly kind: 'release';
      readonly finalizers: readonly string[];
      readonly type: 'Normal' | 'Warning';
      readonly reason: string;
      readonly message: string;
    }
  /** Begins in the background; a later pass sees how it went. */
  | { readonly kind: 'delete-results' }
  /** Its pods get SIGTERM: they write checkpoints and give their tasks back. */
  | { readonly kind: 'delete-job'; readonly name: string }
  | { readonly kind: 'create-job'; readonly manifest: Record<string, unknown> }
  /** The Sweep gives up its tasks, and its queue is emptied. */
  | { readonly kind: 'let-go' }
  /** Begins to read what the store has, in the background. */
  | { readonly kind: 'open-engine' }
  /** Which waves of a class end when they are idle. */
  | { readonly kind: 'drain'; readonly taskClass: TaskClass; readonly waves: readonly string[] }
  | { readonly kind: 'delete-sweep' };
