/** Parameters of a plug-in's part, declared in JSON Schema (docs/plug-ins.md "Parameters"). */
import { z } from 'zod';
import type { Fields } from '../fields.ts';

const description = z.string().max(500).optional();
const bounds = { minimum: z.number().optional(), maximum: z.number().optional() };

/** The part of JSON Schema that a parameter may use. */
export const parameterSchema = z.discriminatedUnion(
  'type',
  [
    z.strictObject({ type: z.literal('integer'), ...bounds, default: z.int().optional(), description }),
    z.strictObject({ type: z.literal('number'), ...bounds, default: z.number().optional(), description }),
    z.strictObject({ type: z.literal('boolean'), default: z.boolean().optional(), description }),
    z.strictObject({
      type: z.literal('string'),
      enum: z.array(z.string().max(100)).min(1).max(100),
      default: z.string().optional(),
      description,
    }),
  ],
  { error: 'integer, number, boolean or string' },
);
export type ParameterSchema = z.infer<typeof parameterSchema>;

/** Completes "expected …". */
function rangeText(kind: string, minimum: number | undefined, maximum: number | undefined): string {
  if (minimum !== undefined && maximum !== undefined) return `${kind} from ${minimum} to ${maximum}`;
  if (minimum !== undefined) return `${kind} of at least ${minimum}`;
  return maximum === undefined ? kind : `${kind} of at most ${maximum}`;
}

function numberField({ type, minimum, maximum }: ParameterSchema & { readonly type: 'integer' | 'number' }): z.ZodType {
  const error = rangeText(type === 'integer' ? 'a whole number' : 'a number', minimum, maximum);
  const plain = type === 'integer' ? z.int({ error }) : z.number({ error });
  return plain.min(minimum ?? -Infinity, { error }).max(maximum ?? Infinity, { error });
}

function valueField(schema: ParameterSchema): z.ZodType {
  switch (schema.type) {
    case 'integer':
    case 'number':
      return numberField(schema);
    case 'boolean':
      return z.boolean({ error: 'true or false' });
    case 'string':
      return z.enum(schema.enum, { error: `one of ${schema.enum.join(', ')}` });
    default:
      return schema satisfies never;
  }
}

/** A part's parameters as the fields of a part. One without a default must be written. */
export const parameterFields = (parameters: Readonly<Record<string, ParameterSchema>>): Fields =>
  Object.fromEntries(
    Object.entries(parameters).map(([name, schema]) => {
      const field = valueField(schema);
      return [name, schema.default === undefined ? field : field.default(schema.default)];
    }),
  );
