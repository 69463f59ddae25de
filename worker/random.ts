/**
 * Counter-based randomness: every draw is a pure function of (seed, purpose, sample index, position), never of earlier draws.
 * So batching, resuming and sharing change no number.
 *
 * Generator: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011). Its 64-bit key is the head of
 * sha256(seed, purpose); its counter is [block, 0, index low, index high].
 */
import { createHash } from 'node:crypto';

/** Key of one stream family: [low, high] 32-bit words. */
export type RandomKey = readonly [number, number];

export function randomKey(seed: number, purpose: string): RandomKey {
  const digest = createHash('sha256').update(`${seed}\n${purpose}`).digest();
  return [digest.readUInt32LE(0), digest.readUInt32LE(4)];
}

/** High word of the 64-bit product of two 32-bit words. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = (middle & 0xffff) + aLow * bHigh;
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(carry / 0x10000)) >>> 0;
}

/** One block of four words. `out` receives them; `counter` is left as it was. */
export function philox(counter: Uint32Array, key: RandomKey, out: Uint32Array): void {
  let [k0, k1] = key;
  let c0 = counter[0]!;
  let c1 = counter[1]!;
  let c2 = counter[2]!;
  let c3 = counter[3]!;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(0xd2511f53, c0);
    const low0 = Math.imul(0xd2511f53, c0);
    const high1 = multiplyHigh(0xcd9e8d57, c2);
    const low1 = Math.imul(0xcd9e8d57, c2);
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1 >>> 0;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0 >>> 0;
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** Calls `use` with each block of four words of the stream of sample `index`, until `count` words are covered. */
function eachBlock(key: RandomKey, index: number, count: number, use: (words: Uint32Array, position: number) => void): void {
  const counter = new Uint32Array([0, 0, index >>> 0, Math.floor(index / 2 ** 32)]);
  const words = new Uint32Array(4);
  for (let position = 0; position < count; position += 4) {
    counter[0] = position / 4;
    philox(counter, key, words);
    use(words, position);
  }
}

/** Fills with the first words of sample `index`. */
export function fillWords(key: RandomKey, index: number, out: Uint32Array): void {
  eachBlock(key, index, out.length, (words, position) => out.set(words.subarray(0, out.length - position), position));
}

/** Fills with the first draws of sample `index`: uniform on [0,1), multiples of 2^-24 (exact in float32). */
export function fillUniform(key: RandomKey, index: number, out: Float32Array): void {
  eachBlock(key, index, out.length, (words, position) => {
    for (let j = 0; j < 4 && position + j < out.length; j++) out[position + j] = (words[j]! >>> 8) * 2 ** -24;
  });
}

/** Fills with the first draws of sample `index`: standard normal by Box–Muller from 32-bit uniforms on (0,1]. */
export function fillNormal(key: RandomKey, index: number, out: Float32Array): void {
  eachBlock(key, index, out.length, (words, position) => {
    for (let j = 0; j < 4 && position + j < out.length; j += 2) {
      const radius = Math.sqrt(-2 * Math.log((words[j]! + 1) * 2 ** -32));
      const angle = 2 * Math.PI * words[j + 1]! * 2 ** -32;
      out[position + j] = radius * Math.cos(angle);
      if (position + j + 1 < out.length) out[position + j + 1] = radius * Math.sin(angle);
    }
  });
}

/** `count` uniform draws of sample `index`. */
export function uniforms(key: RandomKey, index: number, count: number): Float32Array {
  const out = new Float32Array(count);
  fillUniform(key, index, out);
  return out;
}

/** A permutation of 0..count-1 (Fisher–Yates; bias below count·2^-32), e.g. the data order of an epoch. */
export function permutation(key: RandomKey, count: number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  eachBlock(key, 0, count, (words, position) => {
    for (let j = 0; j < 4 && position + j < count; j++) {
      const from = count - 1 - (position + j);
      const to = Math.floor(words[j]! * 2 ** -32 * (from + 1));
      const kept = order[from]!;
      order[from] = order[to]!;
      order[to] = kept;
    }
  });
  return order;
}
