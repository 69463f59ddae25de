/** The stores of all sweeps, one per location. */
import type { Readiness } from '../decide/observed.ts';
import type { AllowedStore } from './store-policy.ts';
import { StoreLocation, type StoreAccess, type StoreLocationOptions } from './store-location.ts';

/** Sweeps request their store at every pass, so a location that nobody requested for this long is unused. */
const forgetAfterMs = 10 * 60_000;

interface Known {
  readonly place: StoreLocation;
  askedMs: number;
}

export class StoreLocations {
  readonly #options: Omit<StoreLocationOptions, 'location' | 'credentialsFolder'>;
  readonly #known = new Map<string, Known>();

  constructor(options: Omit<StoreLocationOptions, 'location' | 'credentialsFolder'>) {
    this.#options = options;
  }

  /** The store, or why it cannot be used. Never waits. */
  at({ location, credentialsFolder }: AllowedStore): StoreAccess {
    const known = this.#known.get(location) ?? {
      place: new StoreLocation({ ...this.#options, location, credentialsFolder }),
      askedMs: 0,
    };
    this.#known.set(location, known);
    known.askedMs = this.#options.clock.now();
    return known.place.access;
  }

  /** The readiness of a location that was requested before. */
  readinessOf(location: string): Readiness {
    return this.#known.get(location)?.place.access.readiness ?? { ready: undefined, reason: 'Unused', message: '' };
  }

  /** Number of stores that cannot be used now. */
  get unreachable(): number {
    return [...this.#known.values()].filter(({ place }) => place.access.readiness.ready === false).length;
  }

  /** Drops locations that no sweep uses any more. */
  sweep(): void {
    for (const [location, { place, askedMs }] of this.#known) {
      if (this.#options.clock.now() - askedMs < forgetAfterMs) continue;
      place.stop();
      this.#known.delete(location);
    }
  }

  stop(): void {
    for (const { place } of this.#known.values()) place.stop();
    this.#known.clear();
  }
}
