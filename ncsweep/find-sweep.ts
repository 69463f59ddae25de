/** A sweep and its results: found by its file, by the name under which it was run here, or by its name on a cluster. */
import { statSync } from 'node:fs';
import { localNames, readLedger, type Ledger } from '@ncsweep/orchestrator/engine/store/roots';
import type { ClusterChoice } from '@ncsweep/orchestrator/kube/kube-config';
import { planSweep, type Plan } from '@ncsweep/orchestrator/planning/plan/plan';
import { sweepUid } from '@ncsweep/orchestrator/planning/plan/sweep-uid';
import { closestName } from '@ncsweep/orchestrator/planning/spec/closest-name';
import { newestVersions } from '@ncsweep/catalog/cell';
import { NotFoundError } from '@ncsweep/protocol/errors';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import { openStore } from '@ncsweep/protocol/store/open-store';
import type { Sweep } from '@ncsweep/catalog/sweep';
import { backendFor } from './backend-for.ts';
import type { BackendChoice } from './backends.ts';
import { connectCluster } from './cluster/connect.ts';
import { storeOf } from './cluster/store-of.ts';
import { thisMachine, type Machine } from './machine.ts';

export interface FindOptions extends Partial<ClusterChoice> {
  /** A directory or s3://bucket/prefix. Default: the machine's; for a Sweep on the cluster, its own. */
  readonly store?: string | undefined;
  /** Overrides of the file, each `path=value`. */
  readonly set?: readonly string[] | undefined;
  /** Backend whose results are read. Default: the backend of the last run. */
  readonly backend?: BackendChoice | undefined;
  /** Uid of a cluster's Sweep, when the store holds several of that name. */
  readonly uid?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Default: this machine, with the environment of the process. */
  readonly machine?: Machine | undefined;
}

export interface FoundSweep {
  readonly plan: Plan;
  readonly store: ObjectStore;
  /** Location with which another process can open the store. */
  readonly storeLocation: string;
  /** Its place in the store. */
  readonly uid: string;
  readonly origin: 'file' | 'here' | 'cluster';
  /** Versions under which it was last planned. */
  readonly scienceVersions: Readonly<Record<string, number>>;
}

/**
 * A sweep whose results are to be read: what {@link findSweep} found or {@link loadSweep} read, a sweep file, the name of a sweep that was
 * run with the store, or the name of a Sweep on the cluster (`sweep/NAME` looks only there).
 */
export type SweepReference = FoundSweep | Sweep | string;

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
/** As `-o name` prints it. */
const onCluster = /^sweeps?(?:\.ncsweep\.dev)?\/([^/]+)$/;

interface Found {
  readonly store: ObjectStore;
  readonly storeLocation: string;
}

/** The request, with the defaults of the machine. */
interface Asked extends FindOptions {
  readonly machine: Machine;
}

/** The plan of a sweep, for the backend that last ran it unless another is requested. */
async function ofSweep(sweep: Sweep, { backend: asked, machine }: Asked, found: Found): Promise<FoundSweep> {
  const uid = sweepUid(sweep.name);
  const backend = asked ?? sweep.execution.backend;
  const known = backend === 'auto' ? await readLedger(found.store, uid) : undefined;
  const plan = planSweep(
    sweep,
    known?.backend ?? (await backendFor(sweep, backend, machine)),
    sweep.execution.evaluationBatchSize,
  );
  return { ...found, plan, uid, origin: 'file', scienceVersions: newestVersions() };
}

/** The plan under which a name last ran. */
async function ofLedger(
  ledger: Ledger,
  { backend: asked, machine }: Asked,
  found: Omit<FoundSweep, 'plan' | 'scienceVersions'>,
): Promise<FoundSweep> {
  const backend = asked === undefined ? ledger.backend : await backendFor(ledger.sweep, asked, machine);
  return { ...found, plan: planSweep(ledger.sweep, backend, ledger.batchSize), scienceVersions: ledger.scienceVersions };
}

async function ofCluster(name: string, asked: Asked): Promise<FoundSweep> {
  const resource = await (await connectCluster(asked)).get(name);
  const storeLocation = storeOf(resource, asked.store);
  const store = await openStore(storeLocation, 'read');
  const { uid } = resource.metadata;
  const ledger = await readLedger(store, uid);
  if (ledger === undefined)
    throw new NotFoundError(
      `sweep ${name}: store ${store.location} holds nothing of it: it was never planned there, or its store is another one (--store)`,
    );
  return ofLedger(ledger, asked, { store, storeLocation, uid, origin: 'cluster' });
}

/** An error for a sweep found neither here nor on the cluster, saying why and what was probably meant. */
async function notFound(sweep: string, store: ObjectStore, why: unknown): Promise<NotFoundError> {
  const close = closestName(sweep, await localNames(store));
  const meant = close === undefined ? '' : `; did you mean "${close}"?`;
  const reason = why instanceof Error ? `; on the cluster: ${why.message}` : '';
  const message = `${sweep}: neither a file nor a sweep that was run with store ${store.location}${meant}${reason}`;
  return new NotFoundError(message, { cause: why });
}

/**
 * Finds a sweep with its plan and store. A name is looked up first in the store, then on the cluster.
 * @param use of the store: `read` creates nothing
 * @throws NotFoundError, InvalidInputError, StoreUnavailableError, UnreachableError
 * @example
 * ```ts
 * import { findSweep } from 'ncsweep';
 *
 * const { plan, store } = await findSweep('tiny');
 * console.log(plan.cells.size, 'cells in', store.location);
 * ```
 */
export async function findSweep(
  sweep: SweepReference,
  options: FindOptions = {},
  use: 'read' | 'write' = 'read',
): Promise<FoundSweep> {
  if (typeof sweep === 'object' && 'plan' in sweep) return sweep;
  const { machine = thisMachine(), signal } = options;
  signal?.throwIfAborted();
  const asked: Asked = { ...options, machine };
  const there = typeof sweep === 'string' && !isFile(sweep) ? onCluster.exec(sweep)?.[1] : undefined;
  if (there !== undefined) return ofCluster(there, asked);
  const storeLocation = options.store ?? machine.defaultStore;
  const found = { store: await openStore(storeLocation, use), storeLocation };
  return typeof sweep === 'string' ? byFileOrName(sweep, asked, found) : ofSweep(sweep, asked, found);
}

async function byFileOrName(sweep: string, asked: Asked, found: Found): Promise<FoundSweep> {
  const { store, storeLocation } = found;
  if (asked.uid === undefined && isFile(sweep))
    return ofSweep(await asked.machine.loadSweep(sweep, asked.set ?? [], storeLocation), asked, found);
  const uid = asked.uid ?? sweepUid(sweep);
  const ledger = await readLedger(store, uid);
  if (ledger !== undefined) return ofLedger(ledger, asked, { store, storeLocation, uid, origin: 'here' });
  if (asked.uid !== undefined) throw await notFound(sweep, store, undefined);
  try {
    return await ofCluster(sweep, asked);
  } catch (error) {
    throw await notFound(sweep, store, error);
  }
}
