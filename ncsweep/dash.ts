/** The live page of sweeps (docs/dash.md). */
import { newestVersions } from '@ncsweep/catalog/cell';
import type { RunEvent } from '@ncsweep/orchestrator/engine/local/run-event';
import { readLedger, localNames } from '@ncsweep/orchestrator/engine/store/roots';
import { sweepUid } from '@ncsweep/orchestrator/planning/plan/sweep-uid';
import { NotFoundError } from '@ncsweep/protocol/errors';
import { openStore } from '@ncsweep/protocol/store/open-store';
import { DashServer } from './dash/server/dash-server.ts';
import { DashSweeps, type SweepFinder } from './dash/dash-sweeps.ts';
import { WatchedSweep } from './dash/watched-sweep.ts';
import { findSweep, type FindOptions, type FoundSweep, type SweepReference } from './find-sweep.ts';
import { thisMachine } from './machine.ts';

export interface DashOptions extends FindOptions {
  /** Default: one that is free. */
  readonly port?: number | undefined;
  /** Called with the address to open, and again with a fresh one when somebody comes by a used one. */
  readonly onAddress?: ((address: string) => void) | undefined;
}

export interface Dash {
  /** The address to open: it lets one browser in. */
  readonly address: string;
  close(): Promise<void>;
}

/** All sweeps that were run with a store from a command line, as they come. */
async function allOf(location: string): Promise<SweepFinder> {
  const store = await openStore(location, 'read');
  return {
    names: () => localNames(store),
    find: async (name) => {
      if ((await readLedger(store, sweepUid(name))) === undefined) throw new NotFoundError(`${name}: not in ${location}`);
      return findSweep(name, { store: location });
    },
  };
}

async function named(sweeps: readonly SweepReference[], options: FindOptions): Promise<SweepFinder> {
  const found = new Map<string, FoundSweep>();
  for (const sweep of sweeps) {
    const each = await findSweep(sweep, options);
    found.set(each.plan.sweep.name, each);
  }
  return {
    names: () => Promise.resolve([...found.keys()]),
    find: (name) => Promise.resolve(found.get(name)!),
  };
}

/**
 * Serves a page on this machine that shows sweeps as they run. It reads their store and changes nothing.
 * @param sweeps to show; none: all that were run with the store
 * @throws NotFoundError, InvalidInputError, StoreUnavailableError, UnreachableError; the system's error when the port is taken
 * @example
 * ```ts
 * import { openDash } from 'ncsweep';
 *
 * const dash = await openDash(['tiny']);
 * console.log(dash.address);
 * await dash.close();
 * ```
 */
export async function openDash(sweeps: readonly SweepReference[] = [], options: DashOptions = {}): Promise<Dash> {
  const { machine = thisMachine(), port, onAddress, ...find } = options;
  const finder =
    sweeps.length === 0 ? await allOf(options.store ?? machine.defaultStore) : await named(sweeps, { ...find, machine });
  return serve(new DashSweeps(finder), port, onAddress);
}

/** What a run shows of itself. */
export type PagedRun = Pick<FoundSweep, 'plan' | 'store' | 'storeLocation'>;

export interface RunPage {
  readonly see: (event: RunEvent) => void;
  /** Tells browsers that the run is over. */
  close(): Promise<void>;
}

/** The page of a run of this process, which tells it what happens. The run does not wait for it. */
export async function openRunPage(
  { plan, store, storeLocation }: PagedRun,
  port: number | undefined,
  onAddress: (address: string) => void,
): Promise<RunPage> {
  const sweeps = new DashSweeps({ names: () => Promise.resolve([]), find: (name) => Promise.reject(new NotFoundError(name)) });
  const { name } = plan.sweep;
  const found: FoundSweep = {
    plan,
    store,
    storeLocation,
    uid: sweepUid(name),
    origin: 'here',
    scienceVersions: newestVersions(),
  };
  const sweep = new WatchedSweep(found, sweeps.clock, sweeps.origin);
  sweeps.add(sweep);
  void sweep.followRun();
  const dash = await serve(sweeps, port, onAddress);
  return {
    see: (event) => sweep.see(event),
    close: async () => {
      await sweep.settle();
      await dash.close(`The run is over. From now on: ncsweep dash ${name}`);
    },
  };
}

interface Served extends Dash {
  /** @param words to browsers, for people */
  close(words?: string): Promise<void>;
}

async function serve(sweeps: DashSweeps, port: number | undefined, onAddress: DashOptions['onAddress']): Promise<Served> {
  let address = '';
  const server = await DashServer.start(sweeps, {
    port,
    onAddress: (fresh) => {
      address = fresh;
      onAddress?.(fresh);
    },
  });
  return {
    get address() {
      return address;
    },
    close: async (words = 'ncsweep dash was ended on the machine that served this page.') => {
      sweeps.close();
      await server.close(words);
    },
  };
}
