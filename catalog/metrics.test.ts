import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { metricDictionary, toleranceOf, toleranceTable } from './metrics.ts';
import { allowedDifference, toleranceText } from './metrics/tolerance.ts';

describe('tolerances', () => {
  it('have an entry for every metric of the dictionary, in one class', () => {
    const names = [...toleranceTable().values()].flat();
    expect(new Set(names).size).toBe(names.length);
    expect(Object.keys(metricDictionary).filter((name) => !names.includes(name))).toEqual([]);
  });

  it('allow the larger of both bounds, and nothing beside NaN', () => {
    const tolerance = { of: '', absolute: 0.1, relative: 0.01, reason: '' };
    expect(allowedDifference(tolerance, 1, -2)).toBe(0.1);
    expect(allowedDifference(tolerance, 100, 50)).toBe(1);
    expect(allowedDifference(tolerance, NaN, 1)).toBeNaN();
    expect(toleranceOf('no such metric')).toMatchObject({ absolute: 0, relative: 0 });
  });

  it('are those of the documentation', () => {
    const text = readFileSync(new URL('../docs/cli.md', import.meta.url), 'utf8');
    for (const [tolerance, names] of toleranceTable())
      expect(text).toContain(`| ${tolerance.of}: ${names.join(', ')} | ${toleranceText(tolerance)} | ${tolerance.reason} |`);
  });
});
