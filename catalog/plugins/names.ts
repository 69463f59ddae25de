/** How plug-ins and their parts are named, and what values their parameters have. */
import { z } from 'zod';

/** Of a plug-in, and of a part within it. */
export const pluginWord = z
  .string()
  .max(40)
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, {
    error: 'a name of at most 40 lower-case letters, digits and "-", such as "mi-fgsm"',
  });

/** A part as a sweep names it. */
export const partReference = z
  .string()
  .max(81)
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*\/[a-z][a-z0-9]*(-[a-z0-9]+)*$/, {
    error: 'the name of a plug-in and of one of its parts, such as "lab/mi-fgsm"',
  });

export const parameterValue = z.union([z.number(), z.boolean(), z.string()]);
export type ParameterValue = z.infer<typeof parameterValue>;
export type ParameterValues = Readonly<Record<string, ParameterValue>>;

/** sha256 of a plug-in's normalised content. @see identityOf */
export const identity = z.string().regex(/^[0-9a-f]{64}$/);
