/** Whether the adaptive attack is strong enough: neither more effort nor a loss that does not saturate lowers the accuracy it leaves. */
import type { Control } from '@ncsweep/catalog/claims/claim';
import { lostText } from './by-seed.ts';
import type { ContrastResult } from './contrast.ts';
import { equivalence } from './equivalence.ts';
import { accuracyExcess, judgeEquivalences, type EquivalenceCheck } from './equivalence-check.ts';
import { formatTick } from './format.ts';
import { sideOf } from './interval.ts';
import { askedPoints, confidenceOf, isLost, read, seedsOf, type Lost, type Place } from './measure.ts';

/** Accuracies of one seed, layer by layer: under the main adaptive attack, then under each other one. */
interface SeedLayers {
  readonly seed: number;
  readonly layers: readonly string[];
  /** [attack][layer] */
  readonly values: readonly (readonly number[])[];
}

function readSeeds(place: Place, { needs }: Control): { readonly seeds: readonly SeedLayers[]; readonly lost: readonly Lost[] } {
  const seeds: SeedLayers[] = [];
  const lost: Lost[] = [];
  for (const seed of seedsOf(place)) {
    const readings = needs.map((measured) => read(place, measured, seed));
    if (readings.includes(undefined)) continue;
    const all = readings.map((each) => each ?? []);
    const gone = all.flat().find(isLost);
    if (gone !== undefined) lost.push(gone);
    else {
      const layers = needs.slice(0, 1).flatMap(({ at }) => askedPoints(place, at, seed)?.map((p) => p.layer) ?? []);
      seeds.push({ seed, layers, values: all.map((each) => each.flatMap((r) => (isLost(r) ? [] : [r.value]))) });
    }
  }
  return { seeds, lost };
}

/** @returns undefined where nothing was measured; layers are those that a contrast counts as robust, or all if it counts none */
export function judgeStrongerAdaptive(
  place: Place,
  control: Control,
  contrasts: readonly ContrastResult[],
): EquivalenceCheck | undefined {
  const { seeds, lost } = readSeeds(place, control);
  if (lost.length > 0) return { state: 'failed', note: lostText(lost) };
  const measured = seeds[0]?.layers ?? [];
  const robust = contrasts.flatMap((c) => c.layers).filter((l) => sideOf(l.interval) > 0);
  const layers = robust.length > 0 ? robust.map((l) => l.layer) : measured;
  const found = control.needs.slice(1).flatMap(({ at }, i) =>
    layers.map((layer) => {
      const rows = seeds.map(({ seed, layers: names, values }) => {
        const column = names.indexOf(layer);
        return { seed, values: [values[0]?.[column] ?? 1, values[i + 1]?.[column] ?? 0] };
      });
      const name = place.roles.attacks[at.attack]?.name ?? at.attack;
      const result = equivalence(accuracyExcess(place, rows, [0, 1], { at }), confidenceOf(place));
      return { what: `fall of ${layer} under ${name}`, unit: '', result };
    }),
  );
  const open = found.filter(({ result }) => result !== undefined && result.state !== 'shown');
  if (open.length > 0) return judgeEquivalences(open);
  if (found.length === 0 || found.some(({ result }) => result === undefined)) return undefined;
  const worst = Math.max(0, ...found.map(({ result }) => result?.worst.change ?? 0));
  const names = control.needs.slice(1).map(({ at }) => place.roles.attacks[at.attack]?.name ?? at.attack);
  return {
    state: 'valid',
    note: `accuracy falls by at most ${formatTick(worst)} under ${names.join(' and ')} (${layers.join(', ')})`,
  };
}
