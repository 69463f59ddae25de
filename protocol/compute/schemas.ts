/** JSON Schemas of the compute protocol, for programs in other languages (docs/compute-protocol.md). */
import { z } from 'zod';
import { fromProgram, toProgram } from './messages.ts';
import { taskDocument } from './task-document.ts';

const schemas = {
  task: ['What a compute program is told to compute', taskDocument],
  'to-program': ['Header of a frame from the supervisor to a compute program', toProgram],
  'from-program': ['Header of a frame from a compute program to the supervisor', fromProgram],
} as const satisfies Readonly<Record<string, readonly [string, z.ZodType]>>;

/** Texts of protocol/compute/schemas/<name>.schema.json by name. Readers ignore unknown fields, so no object is closed. */
export const computeSchemas = (): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(schemas).map(([name, [title, schema]]) => [
      name,
      `${JSON.stringify({ title, ...z.toJSONSchema(schema, { io: 'input' }) }, null, 2)}\n`,
    ]),
  );
