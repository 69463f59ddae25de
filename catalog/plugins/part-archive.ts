/**
 * A part of a plug-in by itself: an archive with that part alone, and with those files that its code may import. Its identity is in ids, so
 * a change of one part renames no cell of another. A program is given no other files, so what is left out here cannot change a number: code
 * that reaches a file in a way that is not seen here does not find it, and says so.
 */
import { declaredIdentity, identityOf, type PluginArchive } from './archive.ts';
import type { PluginManifest, PluginPart } from './manifest.ts';
import { codesOf } from './part-code.ts';
import { isTypeScript, plainCode, type CodeOf } from './plain-code.ts';

/** Whether code may import files of its own plug-in. */
const importsBeside = /\bfrom\s*(\\\s*)?\.|\bimport_module\b|\b__import__\b/;

/** Python files that code may import: those whose word is in it. */
function importedInPython(code: string, files: readonly string[]): readonly string[] {
  if (!importsBeside.test(code)) return [];
  const words = new Set(code.match(/[\p{L}\p{N}_]+/gu));
  return files.filter((file) => words.has(wordOf(file)));
}

/** TypeScript files that code may import: those whose name, without folders, is in it. */
const importedInTypeScript = (code: string, files: readonly string[]): readonly string[] =>
  files.filter((file) => code.includes(file.replace(/^.*\//, '')));

const initOf = (folder: string): string => `${folder}__init__.py`;

/** The word by which code imports a file: its name, or that of its folder for an `__init__.py`. */
const wordOf = (file: string): string => file.replace(/(\/?__init__)?\.py$/, '').replace(/^.*\//, '');

/** The `__init__.py` of each folder above a file, which runs before it. */
function packagesOf(file: string): readonly string[] {
  const folders = file.split('/').slice(0, -1);
  return ['', ...folders.map((_, i) => `${folders.slice(0, i + 1).join('/')}/`)].map(initOf);
}

/** Files that may run when one is imported. An import needs the name of the file, so code without that word does not import it. */
export function reachableFiles(
  first: string,
  files: Readonly<Record<string, string>>,
  codeOf: CodeOf = plainCode,
): ReadonlySet<string> {
  const reached = new Set<string>();
  const inTypeScript = isTypeScript(first);
  const beside = Object.keys(files).filter((file) => isTypeScript(file) === inTypeScript);
  const next = [first];
  for (let file = next.pop(); file !== undefined; file = next.pop()) {
    const text = files[file];
    if (text === undefined || reached.has(file)) continue;
    reached.add(file);
    const code = codeOf(text, file);
    if (inTypeScript) next.push(...importedInTypeScript(code, beside));
    else next.push(...packagesOf(file), ...importedInPython(code, beside));
  }
  return reached;
}

/** The archive of one part. */
export function partArchive({ manifest, files, v }: PluginArchive, part: PluginPart, codeOf: CodeOf = plainCode): PluginArchive {
  const reached = codesOf(part).map(({ file }) => reachableFiles(file, files, codeOf));
  const kept = Object.fromEntries(Object.entries(files).filter(([name]) => reached.some((set) => set.has(name))));
  return { v, manifest: { ...manifest, parts: [part] }, files: kept };
}

/** By which ids name the part of an archive of one part. */
const partIdentity = (alone: PluginArchive, codeOf: CodeOf): string => declaredIdentity(alone) ?? identityOf(alone, codeOf);

type PartName = Pick<PluginPart, 'kind' | 'name'>;

/** By which parts of one plug-in are told apart. */
export const partKey = ({ kind, name }: PartName): string => `${kind}:${name}`;

/** A part by itself. */
export interface PartAlone {
  readonly part: PluginPart;
  readonly archive: PluginArchive;
  /** By which ids name it. */
  readonly identity: string;
}

/** Each part of a plug-in by itself. */
export function partsAlone(archive: PluginArchive): readonly PartAlone[] {
  const known = new Map<string, string>();
  const codeOf: CodeOf = (text, file) => {
    const code = known.get(file) ?? plainCode(text, file);
    known.set(file, code);
    return code;
  };
  return archive.manifest.parts.map((part) => {
    const alone = partArchive(archive, part, codeOf);
    return { part, archive: alone, identity: partIdentity(alone, codeOf) };
  });
}

/** Identities of all parts of a plug-in, by {@link partKey}. */
export const partIdentities = (archive: PluginArchive): ReadonlyMap<string, string> =>
  new Map(partsAlone(archive).map(({ part, identity }) => [partKey(part), identity]));

/** A plug-in that planning knows. */
export interface KnownPlugin {
  /** Of the whole plug-in. */
  readonly identity: string;
  readonly manifest: PluginManifest;
  /** Of its parts, by {@link partKey}. */
  readonly parts: ReadonlyMap<string, string>;
}

export const knownPlugin = (identity: string, archive: PluginArchive): KnownPlugin => ({
  identity,
  manifest: archive.manifest,
  parts: partIdentities(archive),
});
