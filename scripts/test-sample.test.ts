import { expect, it } from 'vitest';
import { drawn, readSample } from './test-sample.ts';

const files = Array.from({ length: 10 }, (_, i) => `test/kube/${i}.test.ts`);

it('draws a part of the files, the same for a seed and others for another', () => {
  const first = drawn(files, 3, 'a');
  expect(first).toHaveLength(4);
  expect(drawn(files.toReversed(), 3, 'a')).toEqual(first);
  expect(new Set(['a', 'b', 'c', 'd'].map((seed) => drawn(files, 3, seed).join())).size).toBeGreaterThan(1);
});

it('draws each file for some seed', () => {
  const seeds = Array.from({ length: 40 }, (_, i) => String(i));
  expect(new Set(seeds.flatMap((seed) => drawn(files, 3, seed)))).toEqual(new Set(files));
});

function refuse(why: string): never {
  throw new Error(why);
}

it('reads parts by tier, and says what it found instead', () => {
  expect(readSample('kube/3,pods/2', ['kube', 'pods'], refuse)).toEqual(
    new Map([
      ['kube', 3],
      ['pods', 2],
    ]),
  );
  expect(readSample('', ['kube'], refuse)).toEqual(new Map());
  for (const text of ['kube', 'kube/0', 'cube/3', 'kube/x']) expect(() => readSample(text, ['kube'], refuse)).toThrow(text);
});
