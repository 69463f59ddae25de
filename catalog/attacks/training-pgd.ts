/** The attack with which adversarial training makes its examples. */
import { compareRational, formatRational, fraction, parseRational, rational } from '@ncsweep/protocol/rational';
import { z } from 'zod';
import { notation } from '../fields.ts';
import { budget } from '../language/notations.ts';
import { byName, type Part } from '../part.ts';
import type { PartKind } from '../part-kind.ts';
import { norm } from './norm.ts';
import { steps } from './pgd.ts';
import { checkStart, settleStart, start, startRules } from './random-start.ts';
import { stepSize } from './step-size.ts';

const fitting = {
  expected: 'a budget above 0 and, for linf, at most 1',
  remedy: 'as in 8/255; for standard training leave attack out',
};
const one = rational(1n, 1n);

const fields = {
  norm: norm.default('linf').describe('of the ball'),
  epsilon: notation(
    budget,
    (entry, refuse) => {
      const value = parseRational(String(entry));
      return value === undefined || value.num === 0n ? refuse(fitting) : formatRational(value);
    },
    fraction,
  ).describe('radius of the ball'),
  steps,
  stepSize: stepSize.describe('of each step'),
  randomStart: z.boolean().default(true).describe('whether the attack starts at a random point of the ball'),
  start,
};

export const trainingPgd: Part<'pgd', typeof fields> = {
  name: 'pgd',
  summary: 'gradient steps inside the ball of radius eps of its norm, against the network as it is',
  fields,
  defaultsBy: {
    norm: { linf: { epsilon: '8/255', stepSize: '2/255' }, l2: { epsilon: '128/255', stepSize: '15/255' } },
  },
  check: (values, refuse) => {
    if (values.norm === 'linf' && compareRational(parseRational(values.epsilon)!, one) > 0)
      refuse(['epsilon'], fitting.expected, fitting.remedy);
    checkStart(values, refuse);
  },
  settle: settleStart,
  rules: startRules,
  science: 2,
};

export const trainingAttackKind = {
  title: 'training attack',
  key: 'kind',
  fallback: 'pgd',
  parts: byName([trainingPgd]),
} as const satisfies PartKind;
