/** Names for parameters that have another name too. */
import type { Named, Sweep } from '@ncsweep/catalog/sweep';
import { Interner } from './interner.ts';

/**
 * Entries whose parameters have another name too, which comes first in the alphabet: that order does not depend on the order of
 * entries or grids.
 */
export function secondNames({ datasets, architectures, trainings, grids }: Sweep): ReadonlySet<Named<unknown>> {
  const interner = new Interner();
  const entries: Named<unknown>[] = [datasets, architectures, trainings, ...grids.map(({ attacks }) => attacks)].flat();
  const first = new Map<number, string>();
  for (const { name, params } of entries) {
    const number = interner.number(params);
    const known = first.get(number);
    if (known === undefined || name < known) first.set(number, name);
  }
  return new Set(entries.filter(({ name, params }) => first.get(interner.number(params)) !== name));
}
