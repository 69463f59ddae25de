/** What a pass can decide to do to a Sweep, besides writing its status. Plain data: applying a step decides nothing. */
import type { TaskClass } from '../jobs/pool-plan.ts';

export type Step =
  | { readonly kind: 'set-finalizers'; readonly finalizers: readonly string[] }
  /** Removes the finalizer for good; an event says why. */
  | {
      readonly kind: 'release';
      readonly finalizers: readonly string[];
      readonly type: 'Normal' | 'Warning';
      readonly reason: string;
      readonly message: string;
    }
  /** Starts in the background; a later pass picks up the outcome. */
  | { readonly kind: 'delete-results' }
  /**
   * Its pods get SIGTERM: they write checkpoints and give their tasks back. A Job that outlives its pods stays in the list until the
   * last of them is gone; any other vanishes at once, perhaps before its pods were seen.
   */
  | { readonly kind: 'delete-job'; readonly name: string; readonly outlivesPods?: true }
  | { readonly kind: 'create-job'; readonly manifest: Record<string, unknown> }
  /** Gives up the Sweep's tasks, and empties its queue. */
  | { readonly kind: 'let-go' }
  /** Starts to read the store's contents, in the background. */
  | { readonly kind: 'open-engine' }
  /** Which waves of a class end when they are idle. */
  | { readonly kind: 'drain'; readonly taskClass: TaskClass; readonly waves: readonly string[] }
  | { readonly kind: 'delete-sweep' };
