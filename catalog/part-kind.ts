/**
 * All parts of one kind as an axis of the sweep language sees them: one flat entry with the fields of all of them, because a custom
 * resource allows no unions; and which of these fields mean something beside which name.
 */
import { z } from 'zod';
import { isSameNotation, writtenSchema, defaultOf, type Fields, type Values } from './fields.ts';
import type { Part, Refuse, Rule } from './part.ts';

export interface PartKind {
  /** For messages: "dataset". */
  readonly title: string;
  /** The field of an entry that names the part. */
  readonly key: string;
  /** What an entry without that field means; undefined where the field is required. */
  readonly fallback?: string;
  readonly parts: Readonly<Record<string, Part>>;
}

type PartOf<K extends PartKind> = K['parts'][keyof K['parts']];
export type PartName<K extends PartKind> = PartOf<K>['name'];

type FieldsOf<P> = P extends { readonly fields: infer F } ? F : never;
type FieldName<P> = P extends unknown ? keyof FieldsOf<P> & string : never;
type FieldOf<P, N> = P extends unknown ? (N extends keyof FieldsOf<P> ? FieldsOf<P>[N] : never) : never;
type Written<S> = S extends z.ZodType ? Exclude<z.input<S>, undefined> : never;

/** The fields of all parts of a kind as a user writes them, each optional. */
export type FlatFields<K extends PartKind> = {
  readonly [N in FieldName<PartOf<K>>]: z.ZodOptional<z.ZodType<Written<FieldOf<PartOf<K>, N>>>>;
};

export const partNames = <K extends PartKind>({ parts }: K): readonly [PartName<K>, ...PartName<K>[]] =>
  Object.keys(parts) as [PartName<K>, ...PartName<K>[]];

/** Every field of some part, with the parts that have it. */
export function fieldOwners({ parts }: PartKind): ReadonlyMap<string, readonly Part[]> {
  const owners = new Map<string, Part[]>();
  for (const part of Object.values(parts))
    for (const field of Object.keys(part.fields)) owners.set(field, [...(owners.get(field) ?? []), part]);
  return owners;
}

/** "convnet, mlp": by what, in the parts that have the field, its text differs. */
function perPart(owners: readonly Part[], field: string, textOf: (schema: z.ZodType) => string | undefined): string {
  const byText = Map.groupBy(owners, ({ fields }) => textOf(fields[field]!));
  const texts = [...byText].filter(([text]) => text !== undefined);
  const [first] = texts;
  if (first === undefined) return '';
  if (texts.length === 1 && first[1].length === owners.length) return first[0]!;
  return texts.map(([text, some]) => `${some.map(({ name }) => name).join(', ')}: ${text}`).join('; ');
}

const defaultText = (schema: z.ZodType): string | undefined => {
  const value = defaultOf(schema);
  return value === undefined ? undefined : typeof value === 'string' ? value : JSON.stringify(value);
};

/** What a field means and its default, part by part where they differ. */
export function fieldText(kind: PartKind, field: string): string {
  const owners = fieldOwners(kind).get(field) ?? [];
  const isGeneral = owners.length === Object.keys(kind.parts).length;
  const meaning = perPart(owners, field, ({ description }) => description);
  const names = isGeneral || meaning.includes(': ') ? '' : `${owners.map(({ name }) => name).join(', ')}: `;
  const fallback = perPart(owners, field, defaultText);
  return `${names}${meaning}${fallback === '' ? '' : `. Default: ${fallback}`}`;
}

/** @throws TypeError when parts write a field of one name in different ways */
export function flatFields<K extends PartKind>(kind: K): FlatFields<K> {
  const flat: Record<string, z.ZodOptional> = {};
  for (const [field, [first, ...others]] of fieldOwners(kind)) {
    const schema = first!.fields[field]!;
    const odd = others.find(({ fields }) => !isSameNotation(fields[field]!, schema));
    if (odd) throw new TypeError(`${kind.title}s ${first!.name} and ${odd.name} write ${field} in different ways`);
    flat[field] = writtenSchema(schema).optional().describe(fieldText(kind, field));
  }
  return flat as unknown as FlatFields<K>;
}

/** Fields of an entry that belong to other parts than the one it names, with the end of "expected …" for each. */
export function foreignFields(kind: PartKind, part: Part, written: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  const foreign = new Map<string, string>();
  const title = kind.key === 'name' ? part.name : `${kind.key} ${part.name}`;
  for (const [field, owners] of fieldOwners(kind)) {
    if (written[field] === undefined || field in part.fields) continue;
    const reason = part.lacks?.[field] ?? `${field} belongs to ${owners.map(({ name }) => name).join(', ')}`;
    foreign.set(field, `fields of ${title}: ${reason}`);
  }
  return foreign;
}

/** Values of a part's fields as written; undefined when one of them means nothing, after `refuse` was told. */
export function readFields<F extends Fields>(
  part: Part<string, F>,
  written: Readonly<Record<string, unknown>>,
  refuse: Refuse,
): Values<F> | undefined {
  const values: Record<string, unknown> = {};
  let isWhole = true;
  for (const [field, schema] of Object.entries(part.fields)) {
    const { data, error } = schema.safeParse(written[field]);
    for (const { path, message } of error?.issues ?? []) refuse([field, ...(path as string[])], message, '');
    if (error) isWhole = false;
    else if (data !== undefined) values[field] = data;
  }
  if (!isWhole) return undefined;
  part.check?.(values as Values<F>, refuse);
  return values as Values<F>;
}

/** A number that may be text has no structural schema, so that CEL does not see it. */
function isSeen(field: z.ZodType): boolean {
  const { anyOf } = z.toJSONSchema(writtenSchema(field), { io: 'input' });
  return anyOf === undefined || anyOf.some((choice) => typeof choice === 'object' && choice.type === 'integer');
}

/** What the API server checks of an entry: fields beside the wrong name, and the rules of the parts. */
export function rulesOf(kind: PartKind): readonly Rule[] {
  const { key, fallback, parts } = kind;
  const groups = Map.groupBy(fieldOwners(kind), ([, owners]) => owners.map(({ name }) => name).join(', '));
  const named = fallback === undefined ? `self.${key}` : `(has(self.${key}) ? self.${key} : '${fallback}')`;
  const belonging = [...groups].flatMap(([names, entries]): Rule[] => {
    const [, owners] = entries[0]!;
    const fields = entries.filter(([field]) => isSeen(owners[0]!.fields[field]!)).map(([field]) => field);
    if (owners.length === Object.keys(parts).length || fields.length === 0) return [];
    const list = owners.map(({ name }) => `'${name}'`).join(', ');
    const any = fields.map((field) => `has(self.${field})`).join(' || ');
    return [{ rule: `${named} in [${list}] || !(${any})`, message: `${fields.join(', ')}: only for ${key}: ${names}` }];
  });
  return [...belonging, ...Object.values(parts).flatMap(({ rules = [] }) => rules)];
}
