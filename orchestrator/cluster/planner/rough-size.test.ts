import { expect, it } from 'vitest';
import { roughSize } from './rough-size.ts';

it.each<[string, unknown, number]>([
  [
    'lists and ranges',
    { seed: ['1..50', 7], grids: [{ epoch: ['1..10'], attack: [{}, {}], epsilon: [0, '1/255..20/255 step 1/255'] }] },
    51 * 10 * 2 * 21,
  ],
  ['several grids', { seed: [1, 2], grids: [{ epoch: [1] }, { epoch: [1, 2, 3] }] }, 2 * 4],
  ['no grids', { seed: ['1..3'] }, 3],
  ['what means nothing', { seed: 'many', grids: [{ epsilon: ['8/255..1/255', '..', 'a..b', '1..9 step 0'] }, 'grid'] }, 5],
  ['no spec', undefined, 1],
])('of %s', (_, spec, size) => {
  expect(roughSize(spec)).toBe(size);
});
