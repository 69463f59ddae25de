import { InvalidInputError } from '@ncsweep/protocol/errors';
import { expect, it } from 'vitest';
import { checkNumber, checkWholeNumber } from './whole-number.ts';

it.each([-1, 0.5, NaN, Infinity])('a count is not %d', (value) => {
  expect(() => checkWholeNumber('workers', value, 1)).toThrow(InvalidInputError);
});

it.each([-0.1, NaN, Infinity])('a number of days is not %d', (value) => {
  expect(() => checkNumber('grace-days', value, 0)).toThrow(/^--grace-days: expected a number from 0, found /);
});

it('what is not given is not checked, and bounds are allowed', () => {
  checkNumber('grace-days', undefined, 0);
  checkNumber('grace-days', 0, 0);
  checkWholeNumber('workers', 1, 1);
});
