import { asAttackParams, attackNorm, attacks } from '@ncsweep/catalog/attacks';
import type { Attack } from '@ncsweep/catalog/attacks/attack';
import { readFields } from '@ncsweep/catalog/part-kind';
import { describe, expect, it } from 'vitest';
import { RefusedTaskError } from '../task-io.ts';
import { readAttack } from './read-attack.ts';

/** What a compute program is told of an attack with its defaults. */
function documentOf(part: Attack): { kind: string; norm: 'linf' | 'l2' } {
  const values = readFields(part, {}, (path, expected) => {
    throw new TypeError(`${part.name} ${path.join('.')}: expected ${expected}`);
  })!;
  return { kind: part.name, norm: attackNorm(asAttackParams(part, values)), ...part.resolve(values) };
}

describe('the attack of a task', () => {
  it.each(Object.values<Attack>(attacks))('is read as planning wrote it: $name', (part) => {
    const written = documentOf(part);
    expect(readAttack(written)!.params).toEqual({ target: 'none', ...written });
  });

  const fieldsOf = (part: Attack): [string, string, object][] =>
    Object.keys(part.resolve(readFields(part, {}, () => undefined)!)).map((field) => [part.name, field, documentOf(part)]);

  it.each(Object.values<Attack>(attacks).flatMap(fieldsOf))('is refused where %s lacks its %s', (_, field, written) => {
    expect(() => readAttack({ ...(written as { kind: string }), [field]: undefined })).toThrow(RefusedTaskError);
    expect(() => readAttack({ ...(written as { kind: string }), [field]: undefined })).toThrow(`at ${field}`);
  });

  it('is refused where its kind is another program’s', () => {
    expect(() => readAttack({ kind: 'rotate', norm: 'linf' })).toThrow(/does not know the attack \{"kind":"rotate"/);
  });

  it('is nothing for clean images', () => {
    expect(readAttack({ kind: 'none' })).toBeUndefined();
  });
});
