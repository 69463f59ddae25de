/**
 * The fields of a part. A field is one zod schema that says how a user writes it, its default, what it means (`describe`) and, where ids
 * hold another form, how one becomes the other (`notation`). This file takes such schemas apart.
 */
import { z } from 'zod';

export type Fields = Readonly<Record<string, z.ZodType>>;

type OptionalNames<F extends Fields> = { [K in keyof F]: undefined extends z.output<F[K]> ? K : never }[keyof F];

/** Values of fields, defaults filled in: what a part's code receives and what enters ids. */
export type Values<F extends Fields> = { readonly [K in Exclude<keyof F, OptionalNames<F>>]: z.output<F[K]> } & {
  readonly [K in OptionalNames<F>]?: Exclude<z.output<F[K]>, undefined>;
};

/** Why a written value is invalid. */
export interface Refusal {
  /** Completes "expected …". */
  readonly expected: string;
  readonly remedy: string;
}

/** A field whose form in ids differs from the one that is written. @param read turns the written form into the stored one */
export const notation = <W extends z.ZodType, S>(
  written: W,
  read: (value: z.output<W>, refuse: (refusal: Refusal) => never) => S,
  stored: z.ZodType<S, S>,
): z.ZodType<S, z.input<W>> =>
  written
    .transform((value, context): unknown =>
      read(value, ({ expected, remedy }) => {
        context.issues.push({ code: 'custom', message: expected, params: { remedy }, input: value });
        return z.NEVER;
      }),
    )
    .pipe(stored as z.ZodType) as unknown as z.ZodType<S, z.input<W>>;

/** The schema of the field as a user writes it: without its default or conversion. */
export function writtenSchema(field: z.ZodType): z.ZodType {
  if (field instanceof z.ZodDefault || field instanceof z.ZodOptional) return writtenSchema(field.unwrap() as z.ZodType);
  if (field instanceof z.ZodPipe) return writtenSchema(field.in as z.ZodType);
  return field;
}

/** The schema of the field's value in ids; optional if it may be absent. */
export function storedSchema(field: z.ZodType): z.ZodType {
  if (field instanceof z.ZodDefault) return storedSchema(field.unwrap() as z.ZodType);
  if (field instanceof z.ZodOptional) return storedSchema(field.unwrap() as z.ZodType).optional();
  if (field instanceof z.ZodPipe) return storedSchema(field.out as z.ZodType);
  return field;
}

/** What a user would write to get the default; undefined where there is none. */
export const defaultOf = (field: z.ZodType): unknown => (field instanceof z.ZodDefault ? field.def.defaultValue : undefined);

/** Whether two fields are written in the same way, whatever their defaults and meanings. */
export const isSameNotation = (a: z.ZodType, b: z.ZodType): boolean => notationText(a) === notationText(b);

function notationText(field: z.ZodType): string {
  const { description: _, ...schema } = z.toJSONSchema(writtenSchema(field), { io: 'input' });
  return JSON.stringify(schema);
}
