/** The budgets of a grid as written → exact budgets, each once; they must fit the norm of the grid's attacks. */
import { attackNorm, type Perturbing } from '@ncsweep/catalog/attacks';
import type { GridSpec } from '@ncsweep/catalog/language/spec';
import type { Epsilon, Named } from '@ncsweep/catalog/sweep';
import { compareRational, parseRational, rational } from '@ncsweep/protocol/rational';
import { expandEpsilons } from './ranges.ts';
import type { Reporter } from './reporter.ts';

const one = rational(1n, 1n);

/** The remedy for a budget above 1 where some attack does not use L2. */
function smallerBudget(entry: number | string, attacks: readonly Named<Perturbing>[]): string {
  if (attacks.some(({ params }) => attackNorm(params) === 'l2')) return 'give the attacks of L2 a grid of their own';
  const meant = String(entry).replace(/^(\d+).*/, '$1/255');
  return meant === entry ? 'as in 8/255; only budgets of L2 attacks may be larger' : `did you mean "${meant}"?`;
}

/** Refuses an L2 budget that reaches every image, such as 128 instead of 128/255. @param budget as an exact fraction */
export function checkWithinImage(entry: unknown, budget: string, pixels: number, report: Reporter): void {
  if (compareRational(parseRational(budget)!, rational(BigInt(Math.ceil(Math.sqrt(pixels))), 1n)) <= 0) return;
  const meant = /^\d+$/.test(String(entry)) ? `did you mean "${String(entry)}/255"?` : 'as in 128/255';
  const most = Math.round(10 * Math.sqrt(pixels)) / 10;
  report.refuse(entry, `at most ${most}, the root of ${pixels} values in [0,1]: no two images are farther apart`, meant);
}

interface Bounds {
  /** Whether some attack is of Linf. */
  readonly inLinf: boolean;
  /** Whether the grid is known to have no attack. */
  readonly isClean: boolean;
  /** Number of values of an image, where all attacks are of L2. */
  readonly pixels: number | undefined;
}

function boundsOf(
  spec: GridSpec,
  attacks: readonly Named<Perturbing>[],
  imagePixels: number | undefined,
  report: Reporter,
): Bounds {
  const inLinf = attacks.some(({ params }) => attackNorm(params) === 'linf');
  const isClean = spec.attack === undefined && report.at('attack').isWhole;
  return { inLinf, isClean, pixels: inLinf || attacks.length === 0 ? undefined : imagePixels };
}

/** @param imagePixels number of values of the largest image; undefined when unknown @param report at the grid */
export function resolveEpsilons(
  spec: GridSpec,
  attacks: readonly Named<Perturbing>[],
  imagePixels: number | undefined,
  report: Reporter,
): Epsilon[] {
  const { inLinf, isClean, pixels } = boundsOf(spec, attacks, imagePixels, report);
  const byValue = new Map<string, Epsilon>();
  for (const [i, entry] of (spec.epsilon ?? [0]).entries()) {
    const place = report.at('epsilon', i);
    const expanded = expandEpsilons(entry);
    if ('wrong' in expanded) {
      const { wrong, meant } = expanded;
      place.refuse(entry, wrong, meant === undefined ? 'as in 8/255 or 4/255..16/255 step 4/255' : `did you mean "${meant}"?`);
      continue;
    }
    const largest = expanded.values.at(-1)!.value;
    if (inLinf && compareRational(parseRational(largest)!, one) > 0)
      place.refuse(entry, 'at most 1: a budget is in [0,1] pixel units', smallerBudget(entry, attacks));
    else if (pixels !== undefined) checkWithinImage(entry, largest, pixels, place);
    if (isClean && largest !== '0/1')
      place.refuse(entry, 'only 0 in a grid without attacks', 'add an attack, or remove this budget');
    for (const epsilon of expanded.values) if (!byValue.has(epsilon.value)) byValue.set(epsilon.value, epsilon);
  }
  return [...byValue.values()];
}
