/** JSON objects of the store: encoded in canonical form, decoded with a schema. */
import type { z } from 'zod';
import { canonicalJson } from './canonical.ts';
import { DecodeError } from './errors.ts';

/** RFC 8785 canonical JSON as UTF-8. */
export const encodeJson = (value: unknown): Uint8Array => new TextEncoder().encode(canonicalJson(value));

/** @param path names the bytes in errors. @throws DecodeError */
export function decodeJson<T>(schema: z.ZodType<T>, bytes: Uint8Array, path: string): T {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new DecodeError(path, 'not JSON', { cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new DecodeError(path, `${issue?.path.join('.') || 'value'}: ${issue?.message ?? 'invalid'}`);
}
