/**
 * The step of FAB (Croce & Hein 2020, section 3): the shortest way from an image to a hyperplane that stays in the box [0,1]. Where the box
 * ends before the hyperplane, the corner that is nearest to it. Pure.
 */
import type { Norm } from '@ncsweep/catalog/attacks/norm';

/**
 * Offsets d with w·(x + d) = w·x − distance, the shortest in the norm. Each value moves against the sign of w by min(λ r, room), where room is
 * what the box leaves it, and r is 1 for L∞ and |w| for L2. What that gains rises with λ, is concave and made of straight pieces, so that
 * Newton's method from 0 ends at the exact λ.
 * @param x in [0,1] @param w of the hyperplane @param distance w·x − b; 0 on the hyperplane
 */
export function toHyperplane(x: Float32Array, w: Float32Array, distance: number, norm: Norm): Float64Array {
  const towards = distance < 0 ? -1 : 1;
  const size = x.length;
  const [weights, rates, rooms] = [new Float64Array(size), new Float64Array(size), new Float64Array(size)];
  for (let i = 0; i < size; i++) {
    const weight = Math.abs(w[i]!);
    weights[i] = weight;
    rates[i] = norm === 'linf' ? Number(weight > 0) : weight;
    rooms[i] = towards * w[i]! > 0 ? x[i]! : 1 - x[i]!;
  }
  const lambda = reach(weights, rates, rooms, Math.abs(distance));
  return rooms.map((room, i) => -towards * Math.sign(w[i]!) * (rates[i] === 0 ? 0 : Math.min(lambda * rates[i]!, room)));
}

/** The λ at which Σ weight · min(λ rate, room) is `wanted`; Infinity if it never is. */
function reach(weights: Float64Array, rates: Float64Array, rooms: Float64Array, wanted: number): number {
  let lambda = 0;
  for (;;) {
    let [gained, slope] = [0, 0];
    for (let i = 0; i < weights.length; i++) {
      const moved = lambda * rates[i]!;
      if (moved < rooms[i]!) {
        gained += weights[i]! * moved;
        slope += weights[i]! * rates[i]!;
      } else gained += weights[i]! * rooms[i]!;
    }
    if (gained >= wanted) return lambda;
    if (slope === 0) return Infinity;
    const next = lambda + (wanted - gained) / slope;
    if (next <= lambda) return lambda; // the rest is less than rounding
    lambda = next;
  }
}

/** Length of an offset. */
export const lengthOf = (offset: Float64Array, norm: Norm): number =>
  norm === 'linf'
    ? offset.reduce((most, v) => Math.max(most, Math.abs(v)), 0)
    : Math.sqrt(offset.reduce((sum, v) => sum + v * v, 0));
