/**
 * Which cells a remote store may have an object of, by listing. Before a sweep runs, nearly all of its cells have none, and a listing
 * says so of a thousand keys in one request, where asking takes one for each.
 */
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import { forEachBounded } from '../bounded.ts';

/** Fewer cells than this are asked for one by one. */
const fewestCells = 64;
/** A store may hold the results of many other sweeps: after so many keys for each wanted cell, asking costs less than listing on. */
const mostKeysPerCell = 10;
const cellPattern = /([0-9a-f]{64})\.json$/;

/** The beginnings of cell ids that are listed side by side: none too few cells to be worth a request. */
function beginnings(cells: number): readonly string[] {
  const digits = [2, 1].find((n) => cells >= fewestCells * 16 ** n) ?? 0;
  return Array.from({ length: 16 ** digits }, (_, i) => (digits === 0 ? '' : i.toString(16).padStart(digits, '0')));
}

/**
 * @param folder of the keys `<folder><first two digits>/<cell id>.json`
 * @param wanted by cell id
 * @param concurrency requests in flight
 * @returns whether a wanted cell may have an object; false is certain at the time of the listing
 */
export async function listedCells(
  store: ObjectStore,
  folder: string,
  wanted: Pick<ReadonlyMap<string, unknown>, 'has' | 'size'>,
  { concurrency, signal }: { readonly concurrency: number; readonly signal: AbortSignal | undefined },
): Promise<(cellId: string) => boolean> {
  if (store.isRemote !== true || wanted.size < fewestCells) return () => true;
  const found = new Set<string>();
  /** By beginning, the last cell up to which the listing went; absent where it went to the end. */
  const endedAt = new Map<string, string>();
  const starts = beginnings(wanted.size);
  const mostKeys = (mostKeysPerCell * wanted.size) / starts.length;
  await forEachBounded(starts, concurrency, async (start) => {
    let seen = 0;
    const prefix = start.length === 2 ? `${folder}${start}/` : `${folder}${start}`;
    for await (const { key } of store.list(prefix, signal)) {
      signal?.throwIfAborted();
      const cellId = cellPattern.exec(key)?.[1];
      if (cellId === undefined) continue;
      if (wanted.has(cellId)) found.add(cellId);
      seen += 1;
      if (seen < mostKeys) continue;
      endedAt.set(start, cellId);
      break;
    }
  });
  const digits = starts[0]!.length;
  return (cellId) => {
    const end = endedAt.get(cellId.slice(0, digits));
    return found.has(cellId) || (end !== undefined && cellId > end);
  };
}
