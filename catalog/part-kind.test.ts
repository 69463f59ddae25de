import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { notation } from './fields.ts';
import { byName, paramsShape, paramsUnion, type Part } from './part.ts';
import { fieldText, flatFields, foreignFields, readFields, rulesOf, type PartKind } from './part-kind.ts';

const size = (standard: number) => z.int().min(1).max(9).default(standard);
const exact = notation(z.union([z.number(), z.string().regex(/^\d+$/)]), (text) => Number(text), z.number());

const oak = {
  name: 'oak',
  summary: 'a tree',
  fields: { height: size(4).describe('of the trunk'), age: exact.default(100).describe('years') },
  science: 1,
} as const satisfies Part;
const fir = {
  name: 'fir',
  summary: 'another tree',
  fields: { height: size(7).describe('of the whole'), cones: z.boolean().optional().describe('whether it has some') },
  lacks: { age: 'nobody counts its rings' },
  check: ({ height }: { height: number }, refuse: Parameters<NonNullable<Part['check']>>[1]) => {
    if (height === 3) refuse(['height'], 'a fir of another height', 'let it grow');
  },
  science: 1,
} as const satisfies Part;
const trees: PartKind = { title: 'tree', key: 'kind', fallback: 'oak', parts: byName([oak, fir]) };

describe('the parts of a kind as one entry', () => {
  it('have all fields, each optional and as a user writes it, with no default filled in', () => {
    const entry = z.strictObject(flatFields(trees));
    expect(entry.parse({ age: '7', cones: true })).toEqual({ age: '7', cones: true });
    expect(entry.safeParse({ age: 'old' }).success).toBe(false);
    expect(entry.safeParse({ leaves: 3 }).success).toBe(false);
  });

  it('say part by part what a field means and its default', () => {
    expect(fieldText(trees, 'height')).toBe('oak: of the trunk; fir: of the whole. Default oak: 4; fir: 7');
    expect(fieldText(trees, 'age')).toBe('oak: years. Default 100');
  });

  it('must write a field of one name alike', () => {
    const odd: Part = { ...fir, fields: { height: z.string() } };
    expect(() => flatFields({ ...trees, parts: byName([oak, odd]) })).toThrow(/trees oak and fir write height/);
    const lower: Part = { ...fir, fields: { height: z.int().min(1).max(3) } };
    expect(() => flatFields({ ...trees, parts: byName([oak, lower]) })).toThrow(/write height/);
  });

  it('refuse the fields of others, with a reason', () => {
    expect([...foreignFields(trees, oak, { cones: true, height: 1 })]).toEqual([
      ['cones', 'fields of kind oak: cones belongs to fir'],
    ]);
    expect(foreignFields(trees, fir, { age: 3 }).get('age')).toBe('fields of kind fir: nobody counts its rings');
  });

  it('fill in defaults, read notations and check combinations', () => {
    const refused: unknown[] = [];
    const refuse = (...words: unknown[]): void => void refused.push(words);
    expect(readFields<typeof oak.fields>(oak, { age: '7' }, refuse)).toEqual({ height: 4, age: 7 });
    expect(readFields<typeof fir.fields>(fir, {}, refuse)).toEqual({ height: 7 });
    expect(refused).toEqual([]);
    readFields<typeof fir.fields>(fir, { height: 3 }, refuse);
    expect(refused).toEqual([[['height'], 'a fir of another height', 'let it grow']]);
  });

  it('give the API server a rule for each group of fields that it can see', () => {
    expect(rulesOf(trees)).toEqual([
      {
        rule: "(has(self.kind) ? self.kind : 'oak') in ['fir'] || !(has(self.cones))",
        message: 'cones belongs to kind: fir',
      },
    ]);
  });
});

describe('what enters ids', () => {
  const params = paramsUnion('kind', [paramsShape('kind', oak, { rings: 0 }), paramsShape('kind', fir)]);

  it('is the stored form of all fields and constants, and nothing by default', () => {
    expect(params.parse({ kind: 'oak', height: 1, age: 7, rings: 0 })).toEqual({ kind: 'oak', height: 1, age: 7, rings: 0 });
    for (const wrong of [
      { kind: 'oak', height: 1, age: '7', rings: 0 },
      { kind: 'oak', height: 1, rings: 0 },
      { kind: 'oak', height: 1, age: 7, rings: 1 },
      { kind: 'elm', height: 1 },
    ])
      expect(params.safeParse(wrong).success, JSON.stringify(wrong)).toBe(false);
  });

  it('lacks optional fields that are not there', () => {
    expect(params.parse({ kind: 'fir', height: 2 })).toEqual({ kind: 'fir', height: 2 });
  });
});
