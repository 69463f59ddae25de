import { exampleSweep } from '@ncsweep/catalog/testing/example-sweep';
import { expect, it } from 'vitest';
import { sweepSchema } from './sweep-schema.ts';

it.each([
  [['su2023'], ['su2023']],
  ['su2023', ['su2023']],
  ['none', []],
])('reads claims %j, which an older sweep may have, as %j', (claims, expected) => {
  const stored: unknown = JSON.parse(JSON.stringify({ ...exampleSweep, report: { claims, confidence: 0.9 } }));
  expect(sweepSchema.parse(stored)).toEqual({ ...exampleSweep, report: { claims: expected, confidence: 0.9 } });
});
