/** The cells that the plans of a store want, which garbage collection and the deletion of a sweep leave alone. Lists the store. */
import { keys } from '@ncsweep/protocol/keys';
import type { ObjectInfo, ObjectStore } from '@ncsweep/protocol/store/object-store';
import { decodeRoots, readLedger } from '../store/roots.ts';

export async function objects(store: ObjectStore, prefix: string): Promise<ObjectInfo[]> {
  const found: ObjectInfo[] = [];
  for await (const info of store.list(prefix)) found.push(info);
  return found;
}

export interface Marked {
  /** Cells that the latest plans want. */
  readonly wanted: ReadonlySet<string>;
  /** Roots files of earlier plans. */
  readonly oldRoots: readonly ObjectInfo[];
}

/**
 * @param except uid of a sweep whose plan does not count
 * @throws CorruptObjectError for roots that do not decode: run fsck first
 */
export async function mark(store: ObjectStore, except?: string): Promise<Marked> {
  const wanted = new Set<string>();
  const oldRoots: ObjectInfo[] = [];
  for await (const info of store.list(keys.sweeps)) {
    const [, uid, generation] = /^v1\/sweeps\/([^/]+)\/roots\/(\d+)\.ndjson$/.exec(info.key) ?? [];
    if (uid === undefined || uid === except) continue;
    const latest = (await readLedger(store, uid))?.generation;
    if (latest !== undefined && Number(generation) < latest) oldRoots.push(info);
    else for (const cellId of decodeRoots(info.key, (await store.get(info.key))!)) wanted.add(cellId);
  }
  return { wanted, oldRoots };
}
