import { expect, it } from 'vitest';
import { SequenceGaps } from './sequence-gaps.ts';

const lost = (gaps: SequenceGaps, ...sequences: readonly number[]): number[] => sequences.map((each) => gaps.see('a', each));

it.each<[string, number | undefined, readonly number[], readonly number[]]>([
  ['nothing', 1, [1, 2, 3], [0, 0, 0]],
  ['what is missing in between', 1, [1, 4, 5], [0, 2, 0]],
  ['what is missing at the beginning, where that is known', 1, [3], [2]],
  ['nothing before the first, where it is not', undefined, [41, 42, 44], [0, 0, 1]],
  ['nothing for a message that comes again, or a count that begins anew', undefined, [7, 7, 1, 2, 4], [0, 0, 0, 0, 1]],
])('says %s', (_, first, sequences, expected) => {
  expect(lost(new SequenceGaps(first), ...sequences)).toEqual(expected);
});

it('counts nothing before the message with which a reader comes to a source, for the first time or again', () => {
  const gaps = new SequenceGaps(1);
  gaps.begin('a', 7);
  expect(lost(gaps, 8, 10)).toEqual([0, 1]);
  gaps.begin('a', 20);
  expect(lost(gaps, 21)).toEqual([0]);
});

it('counts every source for itself', () => {
  const gaps = new SequenceGaps(1);
  expect([gaps.see('a', 1), gaps.see('b', 1), gaps.see('a', 2), gaps.see('b', 3)]).toEqual([0, 0, 0, 1]);
  gaps.forget('b');
  expect(gaps.see('b', 1)).toBe(0);
});
