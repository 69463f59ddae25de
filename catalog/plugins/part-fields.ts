/** What the manifest of a plug-in says of every part, whatever its kind. */
import { z } from 'zod';
import { pluginWord } from './names.ts';
import { parameterSchema } from './parameter.ts';

export const parameterName = z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, {
  error: 'a name of lower-case letters, digits and "_"',
});

export const partFields = {
  name: pluginWord,
  summary: z.string().max(300).default(''),
  /** File and function, e.g. "attacks.py:mi_fgsm". */
  python: z.string().regex(/^([A-Za-z_][A-Za-z0-9_]*\/)*[A-Za-z_][A-Za-z0-9_]*\.py:[A-Za-z_][A-Za-z0-9_]*$/, {
    error: 'a file and a function in it, such as "attacks.py:mi_fgsm"',
  }),
  params: z.record(parameterName, parameterSchema).default({}),
  /** Version of what it computes, by which ids name it in place of its code. @see declaredIdentity */
  science: z.int().min(1).max(1_000_000).optional(),
};
