/** Fields that no schema knows: what was probably meant by them, and where it belongs. */
import { closestName } from './closest-name.ts';
import { ourWord, whyAbsent } from './field-words.ts';
import { pathText, type Problem, type SpecPath } from './problem.ts';
import { fieldsAt, type Place } from './schema-places.ts';

/** Maximum number of unknown fields named in one place: more of them are surely a single mistake. */
const mostUnknown = 20;

export interface UnknownField {
  readonly problem: Problem;
  /** The field that was probably meant; undefined where nothing resembles it. */
  readonly meant: SpecPath | undefined;
  /** Whether that field is missing, so that its absence needs no words of its own. */
  readonly isMissing: boolean;
}

/** @param missing places of fields that the document lacks, as text */
export function unknownFields(at: Place, keys: readonly string[], missing: ReadonlySet<string>): UnknownField[] {
  const known = fieldsAt(at);
  return keys.slice(0, mostUnknown).map((key) => {
    const place = at as SpecPath;
    const close = known.includes(key) ? key : closestName(key, known);
    const words = { path: [...place, key], atKey: true as const, found: `the field "${key}"` };
    if (close === undefined) {
      const { remedy, meant } = elsewhere(key, at, known);
      return { problem: { ...words, expected: 'a known field', remedy }, meant, isMissing: false };
    }
    const isMissing = missing.has(pathText([...place, close]));
    const expected = isMissing ? `"${close}"` : 'a known field';
    return { problem: { ...words, expected, remedy: `did you mean "${close}"?` }, meant: [...place, close], isMissing };
  });
}

/** Where a field found at `path` may belong: below it, around it, then anywhere in the spec. */
function placesNear(path: Place): Place[] {
  const below = (at: Place): Place[] =>
    fieldsAt(at).flatMap((field) => [
      [...at, field],
      [...at, field, 0],
    ]);
  const above = path.map((_, i) => path.slice(0, i)).reverse();
  return [...below(path), ...above.filter((at) => at.length > 0), ...below(['spec'])];
}

/** For a field that nothing here resembles. */
function elsewhere(key: string, path: Place, known: readonly string[]): { readonly remedy: string; readonly meant?: SpecPath } {
  for (const at of placesNear(path)) {
    const fields = fieldsAt(at);
    const name = fields.includes(key) ? key : ourWord(key, fields);
    if (name === undefined) continue;
    const place = String(at.findLast((part) => typeof part === 'string'));
    const remedy = name === key ? `this belongs in ${place}` : `this belongs in ${place}, as ${name}`;
    return { remedy, meant: [...(at as SpecPath), name] };
  }
  return { remedy: whyAbsent(key) ?? `remove it; known here: ${known.join(', ')}` };
}
