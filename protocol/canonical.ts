import { createHash, hash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** RFC 8785 canonical JSON. @throws TypeError for values that JSON cannot carry (NaN, undefined, functions) */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('value has no canonical JSON form');
  return text;
}

/** Lower-case hex sha256. */
export const sha256 = (bytes: Uint8Array | string): string => hash('sha256', bytes, 'hex');

/** Lower-case hex sha256 of texts one after the other, which are not joined in memory. */
export function sha256OfParts(parts: Iterable<string>): string {
  const whole = createHash('sha256');
  for (const part of parts) whole.update(part);
  return whole.digest('hex');
}

/** sha256 of the canonical JSON, from which every id is made. */
export const digestOf = (value: unknown): string => sha256(canonicalJson(value));
