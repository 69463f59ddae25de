/**
 * One store behind a circuit breaker. It is opened and probed in the background: a caller gets the store, or the reason why not, at
 * once.
 *
 * States:
 *   opening       nothing is known yet; the first probe is under way
 *   ready         it was opened, and its breaker is closed
 *   unreachable   its breaker is open or half-open; a probe follows every cool-down
 * Transitions: opening → ready | unreachable (the first probe); ready → unreachable (the breaker opened);
 * unreachable → ready (a probe, or an earlier request, succeeded).
 */
import { keys } from '@ncsweep/protocol/keys';
import { NewerStoreError, type ObjectStore, StoreUnavailableError } from '@ncsweep/protocol/store/object-store';
import type { Readiness } from '../decide/observed.ts';
import type { Clock } from '../passes/clock.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import { GuardedStore, type Guard } from './guarded-store.ts';

/**
 * Opens a store and checks its format.
 * @param decorate wraps the store before it is first used
 * @param credentialsFolder holds files with its credentials; undefined: those of this process
 */
export type StoreOpener = (
  location: string,
  decorate: (store: ObjectStore) => ObjectStore,
  credentialsFolder: string | undefined,
) => Promise<ObjectStore>;

export interface StoreLocationOptions {
  readonly location: string;
  readonly credentialsFolder?: string | undefined;
  readonly open: StoreOpener;
  readonly clock: Clock;
  /** Called when it becomes ready, stops being ready, or has a new reason for not being ready. */
  readonly onChange: (location: string) => void;
}

export interface StoreAccess {
  readonly readiness: Readiness;
  /** Defined when it is ready. */
  readonly store: ObjectStore | undefined;
}

/** A probe is judged by all its requests together, so this guard records none of them. */
const probing: Guard = { admit: () => undefined, succeeded: () => undefined, failed: () => undefined };

const ready: Readiness = { ready: true, reason: 'Ready', message: '' };

export class StoreLocation {
  readonly #options: StoreLocationOptions;
  readonly #breaker: CircuitBreaker;
  /** The unguarded store, once it has been opened. */
  #bare: ObjectStore | undefined;
  /** The guarded store, for callers. */
  #store: ObjectStore | undefined;
  #problem: Readiness = { ready: undefined, reason: 'Opening', message: 'the store is being opened' };
  #said: string;
  #isStopped = false;
  #cancelProbe: () => void = () => undefined;

  constructor(options: StoreLocationOptions) {
    this.#options = options;
    this.#breaker = new CircuitBreaker(options.clock);
    this.#said = JSON.stringify(this.#problem);
    void this.#probe();
  }

  get access(): StoreAccess {
    if (this.#store !== undefined && this.#breaker.state === 'closed') return { readiness: ready, store: this.#store };
    return { readiness: this.#problem, store: undefined };
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelProbe();
  }

  async #probe(): Promise<void> {
    const { clock } = this.#options;
    try {
      if (this.#bare === undefined) await this.#open();
      else await new GuardedStore(this.#bare, probing, clock).get(keys.store);
      this.#succeed();
    } catch (error) {
      this.#fail(error, true);
    }
  }

  async #open(): Promise<void> {
    const { location, credentialsFolder, open, clock } = this.#options;
    let bare: ObjectStore | undefined;
    const guarded = (store: ObjectStore): ObjectStore => {
      bare = store;
      return new GuardedStore(store, probing, clock);
    };
    await open(location, guarded, credentialsFolder);
    this.#bare = bare;
    if (bare !== undefined) this.#store = new GuardedStore(bare, this.#guard(), clock);
  }

  #guard(): Guard {
    return {
      admit: () => {
        if (this.#breaker.state !== 'closed') throw new StoreUnavailableError(this.#problem.message, { isTransient: true });
      },
      succeeded: () => this.#succeed(),
      failed: (error, isSilence) => this.#fail(error, isSilence),
    };
  }

  #succeed(): void {
    this.#breaker.succeeded();
    this.#cancelProbe();
    this.#tell();
  }

  #fail(error: unknown, isEnough: boolean): void {
    this.#breaker.failed(isEnough);
    if (this.#breaker.state !== 'open' || this.#isStopped) return;
    this.#problem = notReady(error);
    this.#cancelProbe();
    this.#cancelProbe = this.#options.clock.after(this.#breaker.coolDownMs, () => {
      if (this.#breaker.probe()) void this.#probe();
    });
    this.#tell();
  }

  #tell(): void {
    const says = JSON.stringify(this.access.readiness);
    if (says === this.#said) return;
    this.#said = says;
    this.#options.onChange(this.#options.location);
  }
}

/** Why a store cannot be used. */
export function notReady(error: unknown): Readiness {
  const message = error instanceof Error ? error.message : String(error);
  return { ready: false, reason: reasonOf(error, message), message };
}

function reasonOf(error: unknown, message: string): string {
  if (error instanceof NewerStoreError) return 'NewerFormat';
  if (/conditional put/i.test(message)) return 'ConditionalPutUnsupported';
  return /denied|access key/i.test(message) ? 'AccessDenied' : 'Unreachable';
}
