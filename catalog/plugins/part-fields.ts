/** What the manifest of a plug-in says of every part, whatever its kind. */
import { z } from 'zod';
import { pluginWord, type ParameterValues } from './names.ts';
import { parameterSchema } from './parameter.ts';

export const parameterName = z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, {
  error: 'a name of lower-case letters, digits and "_"',
});

/** A size that may depend on a parameter. */
export const factor = z.union([z.int().min(0).max(1_000_000_000_000), parameterName], {
  error: 'a whole number, or the name of an integer parameter',
});
export type Factor = z.infer<typeof factor>;

/** The product of factors, with the values of the parameters that they name. */
export const productOf = (factors: Factor | readonly Factor[], params: ParameterValues): number =>
  [factors].flat().reduce<number>((product, each) => product * (typeof each === 'number' ? each : Number(params[each])), 1);

/** File and function. */
const python = z.string().regex(/^([A-Za-z_][A-Za-z0-9_]*\/)*[A-Za-z_][A-Za-z0-9_]*\.py:[A-Za-z_][A-Za-z0-9_]*$/, {
  error: 'a file and a function in it, such as "attacks.py:mi_fgsm"',
});
const typescript = z.string().regex(/^([A-Za-z_][A-Za-z0-9_-]*\/)*[A-Za-z_][A-Za-z0-9_.-]*\.ts:[A-Za-z_$][A-Za-z0-9_$]*$/, {
  error: 'a file and a function that it exports, such as "attacks.ts:miFgsm"',
});

/** Where the code is, of kinds that run in Python alone. */
export const pythonCode = { python };

/** Where the code is, of kinds that run in any language. @see hasCode */
export const anyCode = { python: python.optional(), typescript: typescript.optional() };

/** Refines a part with `anyCode`. */
export const hasCode = [
  (part: { readonly python?: string | undefined; readonly typescript?: string | undefined }): boolean =>
    (part.python ?? part.typescript) !== undefined,
  { error: 'python or typescript: a file and a function in it, such as "attacks.py:mi_fgsm"', path: ['python'] },
] satisfies Parameters<z.ZodObject['refine']>;

export const partFields = {
  name: pluginWord,
  summary: z.string().max(300).default(''),
  params: z.record(parameterName, parameterSchema).default({}),
  /** Version of what it computes, by which ids name it in place of its code. @see declaredIdentity */
  science: z.int().min(1).max(1_000_000).optional(),
};
