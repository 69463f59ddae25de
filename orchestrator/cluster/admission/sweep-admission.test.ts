import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { concatenation, firstMessage, isWrong, parts } from './cel.ts';
import { sweepAdmissionFile } from './sweep-admission.ts';

describe('the admission policy', () => {
  it('is the one of the chart; else run `node scripts/write-schema.ts`', async () => {
    const file = new URL('../../../charts/ncsweep/files/sweep-admission.json', import.meta.url);
    expect(await readFile(file, 'utf8')).toBe(sweepAdmissionFile());
  });

  it('stays far below what the API server takes in one request, and one expression', () => {
    const file = sweepAdmissionFile();
    expect(file.length).toBeLessThan(200_000);
    const { validations } = JSON.parse(file) as { validations: { expression: string; messageExpression: string }[] };
    for (const { expression, messageExpression } of validations)
      expect(Math.max(expression.length, messageExpression.length)).toBeLessThan(5_000);
  });
});

// What the expressions mean is tested on a real API server (test/kube/admission-policy.test.ts).
describe('expressions', () => {
  it('look below fields that are there, and at every entry of a list', () => {
    expect(isWrong('x', ['a', '*', 'b'], (value) => `${value} == 0`)).toBe(
      '(has(x.a) && x.a.exists(v0, (has(v0.b) && (v0.b == 0))))',
    );
  });

  it('say the place of the first value that is wrong', () => {
    const message = firstMessage(
      'x',
      ['a', '*'],
      (value) => `${value} == 0`,
      (path, value) => concatenation([...path, ' is ', { cel: value }]),
    );
    expect(message).toBe(
      'variables.indexes.filter(i1, i1 < size(x.a) && (x.a[i1] == 0)).map(i1, ".a[" + (string(i1)) + "] is " + (x.a[i1]))[0]',
    );
  });

  it('quote text', () => {
    expect(concatenation(parts('a "{what}"\n{more}', { what: ['x'], more: [{ cel: 'y' }, '\\'] }))).toBe(
      '"a \\"x\\"\\n" + (y) + "\\\\"',
    );
  });
});
