/** Seeded random numbers: equal seeds give equal simulations. */

/** @returns uniform in [0, 1) */
export type Random = () => number;

/** mulberry32 (Tommy Ettinger): 32 bits of state, enough for durations. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Standard normal, by Box and Muller. */
export const normal = (random: Random): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Time to the next event of a Poisson process. */
export const exponential = (random: Random, mean: number): number => -mean * Math.log(1 - random());
