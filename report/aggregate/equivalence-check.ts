/** Equivalence checks in words: what was compared, the worst seed, the margin. */
import { formatContrast, formatNumber } from './format.ts';
import { accuracyMargin, type Equivalence, type Harm } from './equivalence.ts';
import { examplesOf, type Level, type Place } from './measure.ts';
import type { SeedRow } from './by-seed.ts';

export interface EquivalenceCheck {
  /** `few`: nothing speaks against it, but fewer than three seeds show nothing. */
  readonly state: 'valid' | 'failed' | 'few';
  readonly note: string;
}

/** The text of an equivalence check after the name of what was compared. */
function equivalenceNote({ state, worst, bound }: Equivalence, unit: string): string {
  const share = `at worst ${formatContrast({ n: 1, mean: worst.change, centre: worst.change, deviation: 0, scale: 'linear' }, unit)} (seed ${worst.seed}), margin ${formatNumber(worst.margin, 2)}${unit}`;
  switch (state) {
    case 'shown':
      return `${share}, mean within it`;
    case 'exceeded':
      return `${share}: exceeded`;
    case 'open':
      return `${share}; too few seeds, or too different ones, to show it (bound ${formatNumber(bound ?? 0, 2)} margins)`;
    case 'few':
      return `${share}; fewer than three seeds show nothing`;
    default:
      return state satisfies never;
  }
}

/** State and text of a check that requires several equivalences to hold. */
export function judgeEquivalences(
  found: readonly { readonly what: string; readonly unit: string; readonly result: Equivalence | undefined }[],
): EquivalenceCheck | undefined {
  const known = found.flatMap((f) => (f.result === undefined ? [] : [{ ...f, result: f.result }]));
  if (known.length === 0) return undefined;
  const note = known.map((f) => `${f.what} ${equivalenceNote(f.result, f.unit)}`).join('; ');
  if (known.some((f) => f.result.state === 'exceeded' || f.result.state === 'open')) return { state: 'failed', note };
  return known.some((f) => f.result.state === 'few') ? { state: 'few', note } : { state: 'valid', note };
}

/** The i-th accuracy of each seed minus the j-th, as harm. */
export function accuracyExcess(
  place: Place,
  rows: readonly SeedRow[],
  [i, j]: readonly [number, number],
  of?: Partial<Level>,
): readonly Harm[] {
  const examples = examplesOf(place, of);
  return rows.map(({ seed, values }) => {
    const [above, below] = [values[i] ?? 0, values[j] ?? 0];
    return { seed, change: above - below, margin: accuracyMargin(below, examples), error: 1 / examples };
  });
}
