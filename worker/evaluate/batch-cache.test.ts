import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { BatchCache } from './batch-cache.ts';

const batch = (key: number): Float32Array => Float32Array.from({ length: 100 + key }, (_, i) => Math.sin(key * 1000 + i));
const ours = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('ncsweep-batches-'));

it.each([0, 1000, 1e9])('gives back what was put in, with %i bytes of memory, and leaves no file', (limit) => {
  const before = ours();
  const cache = new BatchCache(limit);
  for (let key = 0; key < 8; key++) cache.set(key, batch(key));
  for (const key of [7, 0, 3, 3, 5]) expect(cache.get(key)).toEqual(batch(key));
  expect(cache.get(8)).toBeUndefined();
  expect(ours()).toEqual(before);
  cache.dispose();
  expect(cache.get(0)).toBeUndefined();
});
