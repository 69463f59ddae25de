/** JSON Schemas of the compute protocol, for programs in other languages (docs/compute-protocol.md). */
import { schemaTexts, type TitledSchemas } from '../schema-texts.ts';
import { fromProgram, toProgram } from './messages.ts';
import { taskDocument } from './task-document.ts';

const schemas = {
  task: ['What a compute program is told to compute', taskDocument],
  'to-program': ['Header of a frame from the supervisor to a compute program', toProgram],
  'from-program': ['Header of a frame from a compute program to the supervisor', fromProgram],
} as const satisfies TitledSchemas;

/** Texts of protocol/compute/schemas/<name>.schema.json by name. */
export const computeSchemas = (): ReadonlyMap<string, string> => schemaTexts(schemas);
