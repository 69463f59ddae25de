/** The sweeps of a live page: those that were named, or all that a store has. Each is opened when somebody looks at it. */
import { randomBytes } from 'node:crypto';
import { NotFoundError } from '@ncsweep/protocol/errors';
import type { FoundSweep } from '../find-sweep.ts';
import { ChangeClock } from './state/board.ts';
import type { SweepLine } from './state/wire.ts';
import { WatchedSweep } from './watched-sweep.ts';

export interface SweepFinder {
  /** Names of the sweeps that there are now. @throws StoreUnavailableError */
  names(): Promise<readonly string[]>;
  /** @throws NotFoundError, StoreUnavailableError */
  find(name: string): Promise<FoundSweep>;
}

export class DashSweeps {
  /** Names this server's count of changes, so that a cursor of another start is told apart. */
  readonly origin = randomBytes(6).toString('hex');
  readonly clock = new ChangeClock();
  readonly #finder: SweepFinder;
  readonly #opened = new Map<string, Promise<WatchedSweep>>();
  readonly #ready = new Map<string, WatchedSweep>();

  constructor(finder: SweepFinder) {
    this.#finder = finder;
  }

  /** Those that somebody opened. */
  get ready(): Iterable<WatchedSweep> {
    return this.#ready.values();
  }

  /** Shows a sweep that feeds itself, such as that of a run in this process. */
  add(sweep: WatchedSweep): void {
    this.#opened.set(sweep.name, Promise.resolve(sweep));
    this.#ready.set(sweep.name, sweep);
  }

  /** @throws StoreUnavailableError */
  async lines(): Promise<readonly SweepLine[]> {
    for (const [name, sweep] of this.#ready)
      if (await sweep.isOutdated()) {
        sweep.close();
        this.#ready.delete(name);
        this.#opened.delete(name);
      }
    const names = new Set([...this.#ready.keys(), ...(await this.#finder.names())]);
    return [...names].map((name) => this.#ready.get(name)?.line ?? { name });
  }

  close(): void {
    for (const sweep of this.#ready.values()) sweep.close();
  }

  /** @throws NotFoundError for a sweep that this page does not show; StoreUnavailableError */
  open(name: string): Promise<WatchedSweep> {
    const known = this.#opened.get(name);
    if (known !== undefined) return known;
    const opening = this.#find(name);
    this.#opened.set(name, opening);
    opening.catch(() => this.#opened.delete(name));
    return opening;
  }

  async #find(name: string): Promise<WatchedSweep> {
    if (!(await this.#finder.names()).includes(name))
      throw new NotFoundError(`${name}: this page does not show such a sweep; its list has those that it does`);
    const sweep = new WatchedSweep(await this.#finder.find(name), this.clock, this.origin);
    sweep.watchStore();
    this.#ready.set(name, sweep);
    return sweep;
  }
}
