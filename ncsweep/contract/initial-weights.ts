/** Initial values of a parameter, as docs/compute-protocol.md defines them. */
import { createHash } from 'node:crypto';
import type { Network } from '@ncsweep/protocol/compute/network';

const mask = 0xffffffffn;

/** One block of Philox4x32-10, on whole numbers of any size. */
function philox(key: readonly [bigint, bigint], block: bigint): readonly number[] {
  let [c0, c1, c2, c3] = [block, 0n, 0n, 0n];
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const [a, b] = [0xd2511f53n * c0, 0xcd9e8d57n * c2];
    [c0, c1, c2, c3] = [(b >> 32n) ^ c1 ^ k0, b & mask, (a >> 32n) ^ c3 ^ k1, a & mask];
    [k0, k1] = [(k0 + 0x9e3779b9n) & mask, (k1 + 0xbb67ae85n) & mask];
  }
  return [c0, c1, c2, c3].map(Number);
}

function uniforms(seed: number, purpose: string, count: number): number[] {
  const digest = createHash('sha256').update(`${seed}\n${purpose}`).digest();
  const key = [BigInt(digest.readUInt32LE(0)), BigInt(digest.readUInt32LE(4))] as const;
  const blocks = Array.from({ length: Math.ceil(count / 4) }, (_, block) => philox(key, BigInt(block)));
  return blocks
    .flat()
    .slice(0, count)
    .map((word) => Math.floor(word / 256) * 2 ** -24);
}

type Parameter = Network['parameters'][number];

/** In the stored layout. */
export function initialParameter(seed: number, { name, shape, init }: Parameter): Float32Array {
  const count = shape.reduce((a, b) => a * b, 1);
  if (init.kind === 'constant') return new Float32Array(count).fill(init.value);
  const drawn = Float32Array.from(uniforms(seed, `init/${name}`, count), (u) => (2 * u - 1) * init.bound);
  const strides = init.drawShape.map((_, axis) => init.drawShape.slice(axis + 1).reduce((a, b) => a * b, 1));
  return Float32Array.from({ length: count }, (_, at) => {
    let [rest, from] = [at, 0];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += (rest % shape[axis]!) * strides[init.axes[axis]!]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    return drawn[from]!;
  });
}
