/** Random streams, bit for bit. The numbers are those of docs/compute-protocol.md and of golden/make.py's own generator. */
import { check, type Check } from './check.ts';
import { demand } from './contract-error.ts';
import { knownDraws, type KnownDraw } from './known-draws.ts';

const bitsOf = (bytes: Uint8Array): string[] =>
  [...new Uint32Array(Uint8Array.from(bytes).buffer)].map((word) => word.toString(16).padStart(8, '0'));

const drawCheck = ({ id, title, what, seed, purpose, index, bits }: KnownDraw): Check =>
  check(id, title, async (bench) => {
    const bytes = await (await bench.session()).draw(what, seed, purpose, index, bits.length);
    demand(bytes.length === 4 * bits.length, `${bytes.length} bytes; expected ${4 * bits.length}`);
    bitsOf(bytes).forEach((found, i) => demand(found === bits[i], `number ${i} has the bits ${found}; expected ${bits[i]}`));
  });

export const drawChecks: readonly Check[] = knownDraws.map(drawCheck);
