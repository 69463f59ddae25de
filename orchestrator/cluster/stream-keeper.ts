/**
 * Keeps NATS as a controller needs it: recreates streams after any loss, follows events, and reads what workers hold once per pass.
 */
import { StreamUnreachableError } from '@ncsweep/protocol/stream/jetstream/connect';
import type { OrchestratorStream } from '@ncsweep/protocol/stream/jetstream/orchestrator-stream';
import type { Hold } from '@ncsweep/protocol/stream/jetstream/pool-control';
import type { StreamEvent } from '@ncsweep/protocol/stream/stream';
import type { Readiness } from './decide/observed.ts';

export interface StreamKeeperOptions {
  readonly stream: OrchestratorStream;
  readonly now: () => number;
  readonly onEvent: (sweepUid: string, event: StreamEvent) => void;
  /** Events did not arrive; what they reported is in the store. */
  readonly onLostEvents: (count: number) => void;
  /** Everything that was queued may be gone. */
  readonly onLost: () => void;
  /** The stream can be used again. */
  readonly onReady: () => void;
}

const ensureEveryMs = 30_000;

export class StreamKeeper {
  readonly #options: StreamKeeperOptions;
  #readiness: Readiness = { ready: undefined, reason: 'Opening', message: 'the connection to NATS is being opened' };
  #ensuredMs = -Infinity;
  #holds: readonly Hold[] = [];
  #watching = false;

  constructor(options: StreamKeeperOptions) {
    this.#options = options;
  }

  get readiness(): Readiness {
    return this.#readiness;
  }

  /** When the streams were last ensured. */
  get ensuredMs(): number {
    return this.#ensuredMs;
  }

  /** Tasks that a sweep's workers are working on. */
  holdsOf(sweepUid: string): readonly Hold[] {
    return this.#holds.filter(({ sweep }) => sweep === sweepUid);
  }

  /** Called at the start of a pass. Never throws; `readiness` reports problems. */
  async pass(signal: AbortSignal): Promise<void> {
    const { stream, now } = this.#options;
    try {
      if (this.#readiness.ready !== true || now() - this.#ensuredMs > ensureEveryMs) {
        await stream.ensure();
        this.#ensuredMs = now();
      }
      this.#watch(signal);
      this.#holds = await stream.holds();
      const wasReady = this.#readiness.ready === true;
      this.#readiness = { ready: true, reason: 'Ready', message: '' };
      if (!wasReady) this.#options.onReady();
    } catch (error) {
      this.#lose(error);
    }
  }

  #watch(signal: AbortSignal): void {
    if (this.#watching) return;
    this.#watching = true;
    const { stream, onEvent, onLostEvents } = this.#options;
    void stream
      .watchEvents(signal, onEvent, onLostEvents)
      .catch((error: unknown) => this.#lose(error))
      .finally(() => (this.#watching = false));
  }

  #lose(error: unknown): void {
    const denied = error instanceof StreamUnreachableError && error.denied;
    const message = error instanceof Error ? error.message : String(error);
    this.#readiness = { ready: false, reason: denied ? 'PermissionDenied' : 'Unreachable', message };
    this.#options.onLost();
  }
}
