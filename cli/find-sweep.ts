/** A sweep by its file, by the name under which it was run here, or by its name on the cluster. */
import { localBackendChoices } from '@ncsweep/catalog/backends';
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
import { connect } from './cluster/options.ts';
import { storeOf } from './cluster/store-of.ts';
import type { BackendChoice, CommandTools } from './command-tools.ts';

export interface SweepChoice extends ClusterChoice {
  /** Default: that of this machine; for a Sweep on the cluster, its own. */
  readonly store: string | undefined;
  /** Overrides of a file, `path=value`. */
  readonly set: readonly string[];
  /** Default: that of the last run. */
  readonly backend: BackendChoice | undefined;
  /** Of a cluster's Sweep, when the store holds several of the name. */
  readonly uid: string | undefined;
}

export interface FoundSweep {
  readonly plan: Plan;
  readonly store: ObjectStore;
  /** What opens the store again, in another process. */
  readonly storeLocation: string;
  /** Its place in the store. */
  readonly uid: string;
  readonly origin: 'file' | 'here' | 'cluster';
  /** Under which it was planned last. */
  readonly scienceVersions: Readonly<Record<string, number>>;
}

export const sweepPositional = {
  type: 'string',
  demandOption: true,
  describe: 'sweep file, name of a sweep that was run here, or of a Sweep on the cluster (sweep/NAME: only there)',
} as const;

/** Options that choose a sweep's store and plan. */
export const sweepOptions = (tools: CommandTools) =>
  ({
    store: {
      type: 'string',
      requiresArg: true,
      describe: `store: a directory or s3://bucket/prefix; default: ${tools.defaultStore}, or that of the Sweep`,
    },
    uid: { type: 'string', requiresArg: true, describe: "uid of a cluster's Sweep, when the store holds several of the name" },
    set: {
      type: 'string',
      array: true,
      requiresArg: true,
      default: [] as string[],
      describe: 'override of the file, path=value',
    },
    backend: {
      choices: localBackendChoices,
      describe: 'whose results; default: those of the last run',
    },
  }) as const;

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
/** As `-o name` prints it. */
const onCluster = /^sweeps?(?:\.ncsweep\.dev)?\/([^/]+)$/;

interface Found {
  readonly store: ObjectStore;
  readonly storeLocation: string;
}

/** The plan of a sweep file, for the backend that last ran it unless another is asked for. */
async function ofFile(file: string, choice: SweepChoice, found: Found, tools: CommandTools): Promise<FoundSweep> {
  const sweep = await tools.loadSweep(file, choice.set, found.storeLocation);
  const uid = sweepUid(sweep.name);
  const backend = choice.backend ?? sweep.execution.backend;
  const known = backend === 'auto' ? await readLedger(found.store, uid) : undefined;
  const plan = planSweep(sweep, known?.backend ?? (await tools.resolveBackend(backend)), sweep.execution.evaluationBatchSize);
  return { ...found, plan, uid, origin: 'file', scienceVersions: newestVersions() };
}

/** The plan under which a name was last run. */
async function ofLedger(
  ledger: Ledger,
  choice: SweepChoice,
  found: Omit<FoundSweep, 'plan' | 'scienceVersions'>,
  tools: CommandTools,
): Promise<FoundSweep> {
  const backend = choice.backend === undefined ? ledger.backend : await tools.resolveBackend(choice.backend);
  return { ...found, plan: planSweep(ledger.sweep, backend, ledger.batchSize), scienceVersions: ledger.scienceVersions };
}

async function ofCluster(name: string, choice: SweepChoice, tools: CommandTools): Promise<FoundSweep> {
  const resource = await (await connect(choice)).get(name);
  const storeLocation = storeOf(resource, choice.store);
  const store = await openStore(storeLocation, 'read');
  const { uid } = resource.metadata;
  const ledger = await readLedger(store, uid);
  if (ledger === undefined)
    throw new NotFoundError(
      `sweep ${name}: store ${store.location} holds nothing of it; it was never planned, or --store is another one`,
    );
  return ofLedger(ledger, choice, { store, storeLocation, uid, origin: 'cluster' }, tools);
}

/** Neither here nor there: says why, and what was probably meant. */
async function notFound(sweep: string, store: ObjectStore, why: unknown): Promise<NotFoundError> {
  const close = closestName(sweep, await localNames(store));
  const meant = close === undefined ? '' : `; did you mean "${close}"?`;
  const reason = why instanceof Error ? `; on the cluster: ${why.message}` : '';
  const message = `${sweep}: neither a file nor a sweep that was run with store ${store.location}${meant}${reason}`;
  return new NotFoundError(message, { cause: why });
}

/**
 * @param sweep a file, a name, or sweep/NAME for a Sweep on the cluster only; a name is looked for here first
 * @param use of the store
 * @throws NotFoundError, InvalidInputError, StoreUnavailableError, UnreachableError
 */
export async function findSweep(
  sweep: string,
  choice: SweepChoice,
  tools: CommandTools,
  use: 'read' | 'write' = 'read',
): Promise<FoundSweep> {
  const there = onCluster.exec(sweep)?.[1];
  if (there !== undefined && !isFile(sweep)) return ofCluster(there, choice, tools);
  const storeLocation = choice.store ?? tools.defaultStore;
  const store = await openStore(storeLocation, use);
  if (choice.uid === undefined && isFile(sweep)) return ofFile(sweep, choice, { store, storeLocation }, tools);
  const uid = choice.uid ?? sweepUid(sweep);
  const ledger = await readLedger(store, uid);
  if (ledger !== undefined) return ofLedger(ledger, choice, { store, storeLocation, uid, origin: 'here' }, tools);
  if (choice.uid !== undefined) throw await notFound(sweep, store, undefined);
  try {
    return await ofCluster(sweep, choice, tools);
  } catch (error) {
    throw await notFound(sweep, store, error);
  }
}
