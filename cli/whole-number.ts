import { InvalidInputError } from '@ncsweep/protocol/errors';

const numberText = (value: number): string => (Number.isNaN(value) ? 'something else' : String(value));

/** Checks the value of an option, if it was given. @throws InvalidInputError for anything but a whole number from `least` */
export function checkWholeNumber(option: string, value: number | undefined, least: number): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= least)) return;
  throw new InvalidInputError(`--${option}: expected a whole number from ${least}, found ${numberText(value)}`);
}

/** The same for a number that need not be whole. */
export function checkNumber(option: string, value: number | undefined, least: number): void {
  if (value === undefined || (Number.isFinite(value) && value >= least)) return;
  throw new InvalidInputError(`--${option}: expected a number from ${least}, found ${numberText(value)}`);
}
