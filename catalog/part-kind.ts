/**
 * All parts of one kind, as an axis of the sweep language sees them: one flat entry with the fields of every part, because a custom
 * resource allows no unions; and which of these fields apply to which name.
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

const listed = (words: readonly string[], last: 'and' | 'or'): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;

/** Names of parts for people; a family's name replaces those of its members when all of them are listed. */
function namesOf({ parts }: PartKind, some: readonly Part[]): readonly string[] {
  const families = Map.groupBy(Object.values(parts), ({ family }) => family);
  const names = some.map((part) => {
    const family = families.get(part.family) ?? [];
    return part.family !== undefined && family.length > 1 && family.every((each) => some.includes(each))
      ? part.family
      : part.name;
  });
  return [...new Set(names)];
}

/** A text about a field: once where `all` share it, else part by part. */
function perPart(
  kind: PartKind,
  field: string,
  all: readonly Part[],
  textOf: (schema: z.ZodType, part: Part) => string | undefined,
): string {
  const textIn = (part: Part): string | undefined =>
    part.fields[field] === undefined ? undefined : textOf(part.fields[field], part);
  const some = all.filter((part) => textIn(part) !== undefined);
  const texts = [...Map.groupBy(some, (part) => textIn(part)!)];
  if (texts.length === 1 && some.length === all.length) return texts[0]![0];
  return texts.map(([text, some]) => `${namesOf(kind, some).join(', ')}: ${text}`).join('; ');
}

const valueText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function defaultText(schema: z.ZodType, { defaultsBy = {} }: Part, field: string): string | undefined {
  const byValue = Object.values(defaultsBy).flatMap((values) => Object.entries(values));
  const dependent = byValue.flatMap(([value, defaults]) =>
    field in defaults ? [`${valueText(defaults[field])} for ${value}`] : [],
  );
  if (dependent.length > 0) return dependent.join(', ');
  const value = defaultOf(schema);
  return value === undefined ? undefined : valueText(value);
}

/** What a field means and its default, part by part where they differ. */
export function fieldText(kind: PartKind, field: string): string {
  const meaning = perPart(kind, field, Object.values(kind.parts), ({ description }) => description);
  const fallback = perPart(kind, field, fieldOwners(kind).get(field) ?? [], (schema, part) => defaultText(schema, part, field));
  return `${meaning}${fallback === '' ? '' : `. Default ${fallback}`}`;
}

/** @throws TypeError when parts use different notations for a field of the same name */
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
export function foreignFields(
  kind: PartKind,
  part: Part,
  written: Readonly<Record<string, unknown>>,
): ReadonlyMap<string, string> {
  const foreign = new Map<string, string>();
  const title = kind.key === 'name' ? part.name : `${kind.key} ${part.name}`;
  for (const [field, owners] of fieldOwners(kind)) {
    if (written[field] === undefined || field in part.fields) continue;
    const reason = part.lacks?.[field] ?? `${field} belongs to ${listed(namesOf(kind, owners), 'and')}`;
    foreign.set(field, `fields of ${title}: ${reason}`);
  }
  return foreign;
}

/**
 * Values of a part's fields as written; undefined when one of them is invalid, after reporting it to `refuse`.
 * @param together whether they are also checked against each other
 */
export function readFields<F extends Fields>(
  part: Part<string, F>,
  written: Readonly<Record<string, unknown>>,
  refuse: Refuse,
  together = true,
): Values<F> | undefined {
  const values: Record<string, unknown> = {};
  const defaults = dependentDefaults(part, written);
  let isWhole = true;
  for (const [field, schema] of Object.entries(part.fields)) {
    const { data, error } = schema.safeParse(written[field] ?? defaults[field]);
    for (const issue of error?.issues ?? []) refuse([field, ...(issue.path as string[])], issue.message, remedyOf(issue));
    if (error) isWhole = false;
    else if (data !== undefined) values[field] = data;
  }
  if (!isWhole) return undefined;
  const whole = values as Values<F>;
  if (together) part.check?.(whole, refuse);
  return part.settle?.(whole) ?? whole;
}

/** The remedy that `notation` attached to the issue. */
const remedyOf = (issue: z.core.$ZodIssue): string =>
  issue.code === 'custom' && typeof issue.params?.['remedy'] === 'string' ? issue.params['remedy'] : '';

function dependentDefaults(
  { fields, defaultsBy = {} }: Part,
  written: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const all = Object.entries(defaultsBy).map(([key, byValue]) => byValue[String(written[key] ?? defaultOf(fields[key]!))]);
  return Object.assign({}, ...all) as Readonly<Record<string, unknown>>;
}

/** A number that may be text has no structural schema, so CEL cannot see it. */
function isSeen(field: z.ZodType): boolean {
  const { anyOf } = z.toJSONSchema(writtenSchema(field), { io: 'input' });
  return anyOf === undefined || anyOf.some((choice) => typeof choice === 'object' && choice.type === 'integer');
}

/** What the API server checks in an entry: fields that do not belong to its name, and the rules of the parts. */
export function rulesOf(kind: PartKind): readonly Rule[] {
  const { key, fallback, parts } = kind;
  const groups = Map.groupBy(fieldOwners(kind), ([, owners]) => owners.map(({ name }) => name).join(', '));
  const named = fallback === undefined ? `self.${key}` : `(has(self.${key}) ? self.${key} : '${fallback}')`;
  const belonging = [...groups.values()].flatMap((entries): Rule[] => {
    const [, owners] = entries[0]!;
    const fields = entries.filter(([field]) => isSeen(owners[0]!.fields[field]!)).map(([field]) => field);
    if (owners.length === Object.keys(parts).length || fields.length === 0) return [];
    const list = owners.map(({ name }) => `'${name}'`).join(', ');
    const any = fields.map((field) => `has(self.${field})`).join(' || ');
    const verb = fields.length === 1 ? 'belongs' : 'belong';
    const message = `${listed(fields, 'and')} ${verb} to ${key}: ${listed(
      owners.map(({ name }) => name),
      'or',
    )}`;
    return [{ rule: `${named} in [${list}] || !(${any})`, message }];
  });
  return [...belonging, ...Object.values(parts).flatMap(({ rules = [] }) => rules)];
}
