import { readdir, readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { contractSchemas } from './contract-schemas.ts';

const schemas = contractSchemas();
const text = (file: string): Promise<string> => readFile(new URL(`../${file}`, import.meta.url), 'utf8');
const examples = [...(await text('docs/worker-contract.md')).matchAll(/^```json (\S+)\n(.*?)^```$/gms)].map(
  ([, name = '', content = '']) => ({ name, value: JSON.parse(content) as Record<string, unknown> }),
);
const ajv = new Ajv2020({ strictTuples: false });
const validators = new Map([...schemas].map(([name, schema]) => [name, ajv.compile(JSON.parse(schema) as object)]));

describe('the schemas of the worker contract', () => {
  it('are those of protocol/schemas; else run `node scripts/write-schema.ts`', async () => {
    for (const [name, schema] of schemas) expect(await text(`protocol/schemas/${name}.schema.json`), name).toBe(schema);
    const files = await readdir(new URL('../protocol/schemas', import.meta.url));
    expect(files.sort()).toEqual([...schemas.keys()].map((name) => `${name}.schema.json`).sort());
  });

  it('have an example each in docs/worker-contract.md', () => {
    expect([...new Set(examples.map(({ name }) => name))].sort()).toEqual([...schemas.keys()].sort());
  });

  it.each(examples)('accept the example of $name', ({ name, value }) => {
    const validate = validators.get(name)!;
    expect(validate(value), JSON.stringify(validate.errors)).toBe(true);
  });

  it.each(examples)(
    'accept $name with a field of a later version, and refuse it without a field of this one',
    ({ name, value }) => {
      const validate = validators.get(name)!;
      expect(validate({ ...value, later: true })).toBe(true);
      const { v, ...without } = value;
      expect([v, validate(without)]).toEqual([1, false]);
      expect(validate({ ...value, v: 99 })).toBe(false);
    },
  );
});
