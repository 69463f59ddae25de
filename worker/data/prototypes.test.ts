import { asMadeParams, exampleCount, imagesOf, type MadeParams } from '@ncsweep/catalog/datasets';
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

describe('a minority of prototypes', () => {
  const imbalanced = { ...small, classes: 5, minorityClasses: 2 };
  const made = (imbalance: number) => makePrototypes(paramsOf({ ...imbalanced, imbalance }), 1);
  const pixelsOf = ({ pixels }: ReturnType<typeof made>['train'], i: number) => pixels.slice(i * 64, (i + 1) * 64);

  it('has the first training images of its classes, and all test images', () => {
    const [whole, few] = [made(1), made(5)];
    const counts = [0, 1, 2, 3, 4].map((c) => few.train.labels.filter((y) => y === c).length);
    expect(counts).toEqual([12, 12, 12, 2, 2]);
    expect(few.train.count).toBe(exampleCount(paramsOf({ ...imbalanced, imbalance: 5 }), 'train'));
    expect(few.test).toMatchObject({ pixels: whole.test.pixels, labels: whole.test.labels });
    for (const c of [0, 3, 4]) {
      const [places, fewer] = [whole, few].map(({ train }) => [...train.labels.keys()].filter((i) => train.labels[i] === c));
      fewer!.forEach((i, n) => expect(pixelsOf(few.train, i)).toEqual(pixelsOf(whole.train, places![n]!)));
    }
  });

  it('keeps at least one image a class', () => {
    expect(made(1000).train.labels.filter((y) => y === 4)).toHaveLength(1);
  });

  it('without imbalance has the images of data without a minority, and an id of its own', () => {
    const plain = makePrototypes(paramsOf({ ...small, classes: 5 }), 1);
    expect(made(1).train).toMatchObject({ pixels: plain.train.pixels, labels: plain.train.labels });
    expect(paramsOf(imbalanced)).toMatchObject({ minorityClasses: 2, imbalance: 1 });
    expect(paramsOf(imbalanced).digest).not.toBe(paramsOf({ ...small, classes: 5 }).digest);
    expect(paramsOf({ ...small, classes: 5 })).not.toHaveProperty('imbalance');
  });

  it('is refused where it leaves no majority, has no classes, or has subclasses without an image', () => {
    expect(refusals({ classes: 3, minorityClasses: 3 })).toEqual(['minorityClasses: fewer than the 3 classes']);
    expect(refusals({ imbalance: 3 })).toEqual(['imbalance: minorityClasses beside it: how many classes have fewer images']);
    expect(refusals({ minorityClasses: 1, subclasses: 4, imbalance: 50 })).toEqual([
      'imbalance: at least 1 training image per subclass, so at most 25',
    ]);
  });
});
