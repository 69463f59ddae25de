import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { crdTemplate, sweepCrd } from './crd.ts';
import { editorSchema } from './editor-schema.ts';
import { references, withReference } from './reference.ts';
import { sweepDocument } from './spec.ts';

interface Schema {
  readonly description?: string;
  readonly type?: string;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: unknown;
  readonly allOf?: unknown;
  readonly enum?: readonly unknown[];
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
}

const scalars = ['integer', 'number', 'string'];

/** What Kubernetes' structural schemas forbid, plus unbounded lists and strings. */
const rules: Readonly<Record<string, (schema: Schema) => boolean>> = {
  'oneOf or allOf': ({ oneOf, allOf }) => oneOf !== undefined || allOf !== undefined,
  'a union of more than scalars and lists of them': ({ anyOf = [] }) =>
    anyOf.some((choice) => !scalars.includes((choice.type === 'array' ? choice.items : choice)?.type ?? '')),
  'text without a bound': ({ type, maxLength, enum: choice }) =>
    type === 'string' && choice === undefined && maxLength === undefined,
  'a list without a bound': ({ type, maxItems }) => type === 'array' && maxItems === undefined,
};

/** Schemas directly within one, with their paths. */
function within({ properties = {}, anyOf = [], items, additionalProperties }: Schema, path: string): [string, Schema][] {
  const fields = Object.entries(properties).map(([name, inner]): [string, Schema] => [`${path}.${name}`, inner]);
  const others = [items, additionalProperties, ...anyOf].filter((inner) => typeof inner === 'object');
  return [...fields, ...others.map((inner): [string, Schema] => [`${path}[]`, inner])];
}

function faults(schema: Schema, path: string): string[] {
  const here = Object.entries(rules).flatMap(([rule, breaks]) => (breaks(schema) ? [`${path}: ${rule}`] : []));
  return [...here, ...within(schema, path).flatMap(([place, inner]) => faults(inner, place))];
}

describe('the schema of sweeps', () => {
  it('is the one in sweeps/sweep.schema.json; else run `node scripts/write-schema.ts`', async () => {
    expect(await readFile(new URL('../../sweeps/sweep.schema.json', import.meta.url), 'utf8')).toBe(editorSchema());
  });

  it('is the one of the chart; else run `node scripts/write-schema.ts`', async () => {
    expect(await readFile(new URL('../../charts/ncsweep/templates/crd.yaml', import.meta.url), 'utf8')).toBe(crdTemplate());
  });

  it.each(Object.keys(references()))('is what %s says; else run `node scripts/write-schema.ts`', async (file) => {
    const document = await readFile(new URL(`../../${file}`, import.meta.url), 'utf8');
    for (const [place, text] of Object.entries(references()[file]!)) expect(withReference(document, place, text)).toBe(document);
  });

  it('can be a structural schema of Kubernetes', () => {
    expect(faults(z.toJSONSchema(sweepDocument, { io: 'input' }) as Schema, 'Sweep')).toEqual([]);
  });

  it('has words for every field, also for those made from parts and of the status: `kubectl explain` shows them', () => {
    const { spec } = sweepCrd() as { spec: { versions: { schema: { openAPIV3Schema: Schema } }[] } };
    // The API server describes these three itself.
    const { apiVersion: _, kind: _1, metadata: _2, ...ours } = spec.versions[0]!.schema.openAPIV3Schema.properties!;
    expect(wordless({ properties: ours }, '')).toEqual([]);
  });
});

/** Fields below a schema that have no description. */
function wordless(schema: Schema, path: string): string[] {
  const fields = Object.entries(schema.properties ?? {});
  const here = fields.flatMap(([name, { description = '' }]) => (/\w/.test(description) ? [] : [`${path}.${name}`]));
  return [...here, ...within(schema, path).flatMap(([place, inner]) => wordless(inner, place))];
}
