/** The first numbers of a random stream as bytes, so that two programs can be compared draw for draw. */
import type { ToProgram } from '@ncsweep/protocol/compute/messages';
import { fillNormal, fillUniform, fillWords, permutation, randomKey } from './random.ts';

export function drawn({
  what,
  seed,
  purpose,
  index,
  count,
}: Omit<Extract<ToProgram, { type: 'draw' }>, 'type' | 'id'>): Uint8Array {
  const key = randomKey(seed, purpose);
  const fill = { words: fillWords, uniform: fillUniform, normal: fillNormal };
  const draws =
    what === 'words' ? new Uint32Array(count) : what === 'permutation' ? permutation(key, count) : new Float32Array(count);
  if (what !== 'permutation') fill[what](key, index, draws as Uint32Array & Float32Array);
  return new Uint8Array(draws.buffer, draws.byteOffset, draws.byteLength);
}
