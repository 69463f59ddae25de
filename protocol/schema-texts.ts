/** JSON Schemas as files, for programs in other languages. */
import { z } from 'zod';

/** What each schema is of, and the schema, by name. */
export type TitledSchemas = Readonly<Record<string, readonly [title: string, schema: z.ZodType]>>;

/** Texts of <name>.schema.json by name. Readers ignore unknown fields, so no object is closed. */
export const schemaTexts = (schemas: TitledSchemas): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(schemas).map(([name, [title, schema]]) => [
      name,
      `${JSON.stringify({ title, ...z.toJSONSchema(schema, { io: 'input' }) }, null, 2)}\n`,
    ]),
  );
