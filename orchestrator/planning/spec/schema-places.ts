/** What the schema of sweeps has at each place of a document. */
import { sweepDocument } from '@ncsweep/catalog/language/spec';

export type Place = readonly PropertyKey[];

interface Schema {
  readonly unwrap?: () => Schema;
  readonly element?: Schema;
  readonly shape?: Readonly<Record<string, Schema>>;
  readonly options?: readonly unknown[];
}

/** The schema at a path of the document, without wrappers that only make a value optional. */
function schemaAt(path: Place): Schema | undefined {
  const bare = (schema: Schema | undefined): Schema | undefined =>
    schema?.unwrap === undefined || schema.element !== undefined ? schema : bare(schema.unwrap());
  return path.reduce<Schema | undefined>(
    (at, part) => bare(typeof part === 'number' ? at?.element : at?.shape?.[String(part)]),
    bare(sweepDocument as unknown as Schema),
  );
}

export const fieldsAt = (path: Place): string[] => Object.keys(schemaAt(path)?.shape ?? {});

/** The values allowed for entries of a list at a path; empty where the schema does not list them. */
export const choicesAt = (path: Place): string[] =>
  (schemaAt([...path, 0])?.options ?? []).filter((each) => typeof each === 'string');
