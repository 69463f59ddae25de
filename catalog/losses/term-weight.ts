import { z } from 'zod';
import { notation } from '../fields.ts';
import { decimal } from '../language/notations.ts';

/** The weight of a term of a loss: a number that is not negative, or its text. */
export const termWeight = () => notation(decimal, (text) => Number(text), z.number().min(0));
