import { asMadeParams, imagesOf, type MadeParams } from '@ncsweep/catalog/datasets';
import { prototypes } from '@ncsweep/catalog/datasets/prototypes';
import { readFields } from '@ncsweep/catalog/part-kind';
import { describe, expect, it } from 'vitest';
import { makePrototypes } from './prototypes.ts';

const refusals = (written: Readonly<Record<string, unknown>>): string[] => {
  const found: string[] = [];
  readFields(prototypes, written, (path, expected) => void found.push(`${path.join('.')}: ${expected}`));
  return found;
};
const paramsOf = (written: Readonly<Record<string, unknown>>): MadeParams<'prototypes'> =>
  asMadeParams(
    prototypes,
    readFields(prototypes, written, () => undefined)!,
  ) as MadeParams<'prototypes'>;

const small = { trainPerClass: 12, testPerClass: 6, imageSize: 8 };
const plain = makePrototypes(paramsOf({ ...small, classes: 6, trainPerClass: 6, testPerClass: 3 }), 1);
const fine = makePrototypes(paramsOf({ ...small, classes: 3, subclasses: 2 }), 1);

describe('subclasses of prototypes', () => {
  it('are the prototypes of as many classes, two of which share each class', () => {
    expect(fine.train.pixels).toEqual(plain.train.pixels);
    expect(fine.train.sideLabels?.fine).toEqual(plain.train.labels);
    expect([...fine.train.labels]).toEqual([...plain.train.labels].map((f) => f % 3));
  });

  it('are balanced within each class, in both splits', () => {
    for (const [split, each] of [
      [fine.train, 6],
      [fine.test, 3],
    ] as const) {
      const pairs = Map.groupBy([...split.labels.keys()], (i) => `${split.labels[i]}/${split.sideLabels!.fine![i]}`);
      expect([...pairs.keys()].sort()).toEqual(['0/0', '0/3', '1/1', '1/4', '2/2', '2/5']);
      expect([...pairs.values()].map((examples) => examples.length)).toEqual(Array.from({ length: 6 }, () => each));
    }
  });

  it('have a label beside the class, which a class of one subclass lacks', () => {
    expect(imagesOf(paramsOf({ subclasses: 2 })).sideLabels).toEqual(['fine']);
    expect(imagesOf(paramsOf({ subclasses: 1 })).sideLabels).toBeUndefined();
    expect(plain.train.sideLabels).toBeUndefined();
  });

  it('of one in a class are no subclasses: the data, and ids, are those without the field', () => {
    expect(paramsOf({ subclasses: 1 })).toEqual(paramsOf({}));
    expect(paramsOf({ subclasses: 2 }).digest).not.toBe(paramsOf({}).digest);
  });

  it('are refused where an image of each is not there', () => {
    expect(refusals({ subclasses: 8, testPerClass: 4 })).toEqual(['testPerClass: at least 1 image per subclass']);
  });
});
