/**
 * A part is one thing that a sweep can name: a dataset, an architecture, a loss. One pure file describes it. Everything that plans,
 * validates, documents or judges it is made from that description. What computes it is registered under its name in a compute program.
 */
import { z } from 'zod';
import { storedSchema, type Fields, type Values } from './fields.ts';

/** Reports to the user an invalid value that its field alone would allow. @param path below the entry */
export type Refuse = (path: readonly (string | number)[], expected: string, remedy: string) => void;

/** A rule of the API server over `self`, the entry as written (CEL). */
export interface Rule {
  readonly rule: string;
  readonly message: string;
}

export interface Part<Name extends string = string, F extends Fields = Fields> {
  readonly name: Name;
  /** What it is and where it comes from, for the reference. */
  readonly summary: string;
  readonly fields: F;
  /** Defaults that depend on another field: by its name and value. */
  readonly defaultsBy?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  /** Name in texts for parts with similar fields, such as "data in files". */
  readonly family?: string;
  /** Completes "fields of <name>: …" for fields of other parts that users may look for here, by field. */
  readonly lacks?: Readonly<Record<string, string>>;
  /** Rejects what no single field can reject. It is a method, so that parts with different fields fit into one list. */
  check?(values: Values<F>, refuse: Refuse): void;
  /** The values that enter ids, if not all do: a field that was added later is left out when it has its default. */
  settle?(values: Values<F>): Values<F>;
  /** The rules of `check` for the API server, as far as it can check them. */
  readonly rules?: readonly Rule[];
  /**
   * Version of the numbers that equal parameters yield. From 2 on it enters the ids of the cells that use the part, so correcting a part
   * recomputes what used it and nothing else.
   */
  readonly science: number;
}

export type ByName<L extends readonly { readonly name: string }[]> = { readonly [P in L[number] as P['name']]: P };

/** Parts by name, in the order of the list. */
export const byName = <const L extends readonly { readonly name: string }[]>(parts: L): ByName<L> =>
  Object.fromEntries(parts.map((part) => [part.name, part])) as ByName<L>;

/** Fixed values that a part has in ids, because it had them before parts had their own fields. */
export type Constants = Readonly<Record<string, string | number>>;

/** No constants: an object type without a field. */
export type None = { readonly [K in never]: never };

type Flat<T> = { readonly [K in keyof T]: T[K] };
export type ParamsOf<Key extends string, Name extends string, F extends Fields, C = unknown> = Flat<
  Readonly<Record<Key, Name>> & Values<F> & C
>;

/** Schema shape of what enters ids for a part named by `key`. */
export const paramsShape = (key: string, { name, fields }: Part, constants: Constants = {}): z.ZodRawShape => ({
  [key]: z.literal(name),
  ...Object.fromEntries(Object.entries(fields).map(([field, schema]) => [field, storedSchema(schema)])),
  ...Object.fromEntries(Object.entries(constants).map(([field, value]) => [field, z.literal(value)])),
});

/** Schema of what enters ids for one of several parts. The caller states its type, because the compiler cannot infer it through a list. */
export const paramsUnion = <T>(key: string, shapes: readonly z.ZodRawShape[]): z.ZodType<T> =>
  z.discriminatedUnion(key, shapes.map((shape) => z.object(shape)) as unknown as [z.ZodObject]) as unknown as z.ZodType<T>;
