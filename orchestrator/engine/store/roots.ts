/**
 * The list of cells that a sweep wants. Planners write it BEFORE they check the store, so that garbage collection never removes a
 * result between check and use. The ledger records the latest generation, so that no listing is needed.
 */
import { encodeJson } from '@ncsweep/protocol/json-bytes';
import { keys } from '@ncsweep/protocol/keys';
import { newestVersions } from '@ncsweep/catalog/cell';
import { backendName } from '@ncsweep/catalog/backends';
import { CorruptObjectError, type ObjectStore } from '@ncsweep/protocol/store/object-store';
import { z } from 'zod';
import { planSweep, type Plan, type RunnablePlan } from '../../planning/plan/plan.ts';
import { sweepUid } from '../../planning/plan/sweep-uid.ts';
import { readStored } from './stored-json.ts';
import { sweepSchema } from './sweep-schema.ts';

const ledgerSchema = z.object({
  v: z.literal(1),
  /** Counts changes in what is wanted, from 1. */
  generation: z.int().min(1),
  planDigest: z.string(),
  backend: backendName,
  batchSize: z.int().min(1),
  scienceVersions: z.record(z.string(), z.int()),
  /** The sweep as it was planned, overrides included. */
  sweep: sweepSchema,
});
export type Ledger = z.infer<typeof ledgerSchema>;

/** The ledger of a sweep, with the latest planned generation; undefined if it was never run. */
export async function readLedger(store: ObjectStore, uid: string): Promise<Ledger | undefined> {
  return (await readStored(store, keys.ledger(uid), ledgerSchema))?.value;
}

/** The latest plan of every sweep that was run with this store. */
export async function* knownPlans(store: ObjectStore): AsyncGenerator<Plan> {
  for await (const { key } of store.list(keys.sweeps)) {
    const uid = /^v1\/sweeps\/([^/]+)\/ledger\.json$/.exec(key)?.[1];
    const ledger = uid === undefined ? undefined : await readLedger(store, uid);
    if (ledger !== undefined) yield planSweep(ledger.sweep, ledger.backend, ledger.batchSize);
  }
}

/** Names of the sweeps that were run with this store from a command line. */
export async function localNames(store: ObjectStore): Promise<string[]> {
  const names: string[] = [];
  for await (const { key } of store.list(`${keys.sweeps}${sweepUid('')}`)) {
    const name = /^v1\/sweeps\/local-([^/]+)\/ledger\.json$/.exec(key)?.[1];
    if (name !== undefined) names.push(name);
  }
  return names;
}

/** Cell ids of a generation, one JSON string per line. @throws CorruptObjectError when it is missing or does not decode */
export async function readRoots(store: ObjectStore, uid: string, generation: number): Promise<ReadonlySet<string>> {
  const key = keys.roots(uid, generation);
  const found = await store.get(key);
  if (found === undefined) throw new CorruptObjectError(key, `missing in ${store.location}; run the sweep again`);
  return decodeRoots(key, found);
}

export function decodeRoots(key: string, found: Uint8Array): ReadonlySet<string> {
  const lines = new TextDecoder().decode(found).split('\n').filter(Boolean);
  try {
    return new Set(lines.map((line) => z.string().parse(JSON.parse(line))));
  } catch (cause) {
    throw new CorruptObjectError(key, 'not a list of cell ids; run the sweep again to write a new one', { cause });
  }
}

/**
 * @param uid of the sweep in this store; derived from its name on one machine
 * @returns the generation: a new one if the wanted cells have changed
 */
export async function writeRoots(plan: RunnablePlan, store: ObjectStore, uid = sweepUid(plan.sweep.name)): Promise<number> {
  const previous = await readLedger(store, uid);
  const { planDigest, backend, batchSize } = plan;
  const generation = previous?.planDigest === planDigest ? previous.generation : (previous?.generation ?? 0) + 1;
  const lines = [...plan.cells.keys()].map((cellId) => `${JSON.stringify(cellId)}\n`);
  await store.put(keys.roots(uid, generation), new TextEncoder().encode(lines.join('')));
  const scienceVersions = { ...newestVersions() };
  const ledger: Ledger = { v: 1, generation, planDigest, backend, batchSize, scienceVersions, sweep: plan.sweep };
  await store.put(keys.ledger(uid), encodeJson(ledger));
  return generation;
}
