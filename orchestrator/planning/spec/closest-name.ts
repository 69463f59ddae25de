import { ourWord, plainWord } from './field-words.ts';

/**
 * Number of insertions, deletions, substitutions and swaps of adjacent letters between two words (optimal string alignment
 * distance).
 */
export function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substituted = rows[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, substituted);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, rows[i - 2]![j - 2]! + 1);
      row.push(best);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}

/**
 * The name that was probably meant: the one for a common term of the field, or the closest one if at most a third of it differs.
 */
export function closestName(found: string, names: readonly string[]): string | undefined {
  if (found.length > 64) return undefined;
  const ours = ourWord(found, names);
  if (ours !== undefined) return ours;
  const ranked = names
    .map((name) => ({ name, distance: editDistance(plainWord(found), plainWord(name)) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  if (best === undefined) return undefined;
  return best.distance <= Math.max(1, Math.floor(best.name.length / 3)) ? best.name : undefined;
}

/** `did you mean "x"?`, or the list of all choices. */
export function meantText(found: unknown, names: readonly string[]): string {
  const close = typeof found === 'string' ? closestName(found, names) : undefined;
  return close === undefined ? `choose one of ${names.join(', ')}` : `did you mean "${close}"?`;
}
