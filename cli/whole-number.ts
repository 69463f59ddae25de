import { InvalidInputError } from '@ncsweep/protocol/errors';

/** Checks the value of an option, if it was given. @throws InvalidInputError for anything but a whole number from `least` */
export function checkWholeNumber(option: string, value: number | undefined, least: number): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= least)) return;
  const found = Number.isNaN(value) ? 'something else' : String(value);
  throw new InvalidInputError(`--${option}: expected a whole number from ${least}, found ${found}`);
}
