import { describe, expect, it } from 'vitest';
import { asAttackParams, attackKind, attackOf, attackVersion, isTargeted, type Perturbing } from './attacks.ts';
import { trainingAttackKind, trainingPgd } from './attacks/training-pgd.ts';
import { hasLabels, labelsUnder } from './labels.ts';
import { fieldText, readFields } from './part-kind.ts';

const refusals: string[] = [];
const refuse = (path: readonly (string | number)[], expected: string, remedy: string): void =>
  void refusals.push(`${path.join('.')}: ${expected}; ${remedy}`);

function pgd(written: Readonly<Record<string, unknown>>): Perturbing | undefined {
  refusals.length = 0;
  const part = attackOf({ kind: 'pgd' });
  const values = readFields(part, written, refuse);
  return values && asAttackParams(part, values);
}

describe('PGD', () => {
  it('has defaults that depend on its norm, and says so', () => {
    expect(pgd({})).toMatchObject({ norm: 'linf', stepSize: { kind: 'relative', value: '1/4' }, restarts: 1, target: 'none' });
    expect(pgd({ norm: 'l2' })).toMatchObject({ stepSize: { kind: 'relative', value: '15/128' } });
    expect(fieldText(attackKind, 'stepSize')).toMatch(/Default eps\/4 for linf, 15\/128\*eps for l2/);
    expect(fieldText(trainingAttackKind, 'epsilon')).toMatch(/Default 8\/255 for linf, 128\/255 for l2/);
  });

  it.each([
    ['2/255', { kind: 'absolute', value: '2/255' }],
    ['0.03', { kind: 'absolute', value: '3/100' }],
    ['eps', { kind: 'relative', value: '1/1' }],
    ['eps / 8', { kind: 'relative', value: '1/8' }],
    ['10/12 * eps', { kind: 'relative', value: '5/6' }],
  ])('reads a step of %s exactly', (stepSize, expected) => {
    expect(pgd({ stepSize })).toMatchObject({ stepSize: expected });
  });

  it('refuses a step of nothing, with a remedy', () => {
    for (const stepSize of ['0', 0, '1/0', 'eps/0']) {
      expect(pgd({ stepSize })).toBeUndefined();
      expect(refusals).toEqual(['stepSize: a step above 0; as in 2/255 or eps/4']);
    }
  });

  it('has a start in ids only where it is not the one of its norm', () => {
    expect(pgd({ norm: 'l2', start: 'direction' })).not.toHaveProperty('start');
    expect(pgd({ start: 'ball' })).not.toHaveProperty('start');
    expect(pgd({ norm: 'l2', start: 'ball' })).toHaveProperty('start', 'ball');
    expect(refusals).toEqual([]);
    pgd({ start: 'direction' });
    expect(refusals[0]).toMatch(/linf has no other random start/);
  });

  it('has a version of its own in L2', () => {
    expect([pgd({}), pgd({ norm: 'l2' })].map((attack) => attackVersion(attack!))).toEqual([1, 2]);
    expect(attackVersion({ kind: 'fgsm', target: 'none' })).toBe(1);
  });
});

describe('the attack of a training', () => {
  it.each([['0'], ['1/0'], ['2']])('has no budget of %s in linf', (epsilon) => {
    refusals.length = 0;
    readFields(trainingPgd, { epsilon }, refuse);
    expect(refusals).toEqual([expect.stringMatching(/^epsilon: a budget above 0 and, for linf, at most 1/)]);
  });

  it('may have one above 1 in L2', () => {
    refusals.length = 0;
    expect(readFields(trainingPgd, { norm: 'l2', epsilon: '300/255' }, refuse)).toMatchObject({ epsilon: '20/17' });
    expect(refusals).toEqual([]);
  });
});

describe('label conventions', () => {
  it('by target exist only under a targeted attack', () => {
    const targeted = { kind: 'fgsm', target: 'next-class' } as const;
    expect(isTargeted(targeted)).toBe(true);
    expect(labelsUnder(targeted, [])).toEqual(['given', 'predicted', 'target']);
    for (const other of [{ kind: 'none' }, { kind: 'sign-noise' }, { kind: 'fgsm', target: 'none' }] as const)
      expect(labelsUnder(other, []), other.kind).toEqual(['given', 'predicted']);
  });

  it('of examples beside their class exist where the dataset has them', () => {
    expect(labelsUnder({ kind: 'none' }, ['fine'])).toEqual(['given', 'predicted', 'fine']);
    const data = { name: 'prototypes', digest: '', classes: 2, trainPerClass: 1, testPerClass: 1, imageSize: 8 } as const;
    expect([hasLabels('given', { kind: 'none' }, data), hasLabels('fine', { kind: 'none' }, data)]).toEqual([true, false]);
  });
});
