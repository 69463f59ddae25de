import { sha256OfParts } from '@ncsweep/protocol/canonical';

/** Ids are digests, so that their first digits divide them evenly. */
const digits = 3;

/** sha256 over the sorted cell ids, one per line. A million ids are sorted in parts, which takes a fraction of the time. */
export function planDigestOf(cellIds: Iterable<string>): string {
  const parts: string[][] = Array.from({ length: 16 ** digits }, () => []);
  for (const cellId of cellIds) parts[Number.parseInt(cellId.slice(0, digits), 16)]!.push(cellId);
  const full = parts.filter((ids) => ids.length > 0);
  return sha256OfParts(full.map((ids, i) => `${i === 0 ? '' : '\n'}${ids.sort().join('\n')}`));
}
