/**
 * A part of a plug-in by itself: an archive with that part alone, and with those files that its code may import. Its identity is in ids, so
 * a change of one part renames no cell of another. A program is given no other files, so what is left out here cannot change a number: code
 * that reaches a file in a way that is not seen here does not find it, and says so.
 */
import { declaredIdentity, identityOf, type PluginArchive } from './archive.ts';
import type { PluginManifest, PluginPart } from './manifest.ts';
import { pythonCode } from './python-code.ts';

/** Whether code may import files of its own plug-in. */
const importsBeside = /\bfrom\s*(\\\s*)?\.|\bimport_module\b|\b__import__\b/;

const initOf = (folder: string): string => `${folder}__init__.py`;

/** The word by which code imports a file: its name, or that of its folder for an `__init__.py`. */
const wordOf = (file: string): string => file.replace(/(\/?__init__)?\.py$/, '').replace(/^.*\//, '');

/** The `__init__.py` of each folder above a file, which runs before it. */
function packagesOf(file: string): readonly string[] {
  const folders = file.split('/').slice(0, -1);
  return ['', ...folders.map((_, i) => `${folders.slice(0, i + 1).join('/')}/`)].map(initOf);
}

/** Files that may run when one is imported. An import needs the name of the file, so code without that word does not import it. */
export function reachableFiles(first: string, files: Readonly<Record<string, string>>, codeOf = pythonCode): ReadonlySet<string> {
  const reached = new Set<string>();
  const next = [first];
  for (let file = next.pop(); file !== undefined; file = next.pop()) {
    const text = files[file];
    if (text === undefined || reached.has(file)) continue;
    reached.add(file);
    next.push(...packagesOf(file));
    const code = codeOf(text);
    if (!importsBeside.test(code)) continue;
    const words = new Set(code.match(/[\p{L}\p{N}_]+/gu));
    next.push(...Object.keys(files).filter((other) => words.has(wordOf(other))));
  }
  return reached;
}

/** The archive of one part. */
export function partArchive({ manifest, files, v }: PluginArchive, part: PluginPart, codeOf = pythonCode): PluginArchive {
  const reached = reachableFiles(part.python.split(':')[0]!, files, codeOf);
  const kept = Object.fromEntries(Object.entries(files).filter(([name]) => reached.has(name)));
  return { v, manifest: { ...manifest, parts: [part] }, files: kept };
}

/** By which ids name the part of an archive of one part. */
export const partIdentity = (alone: PluginArchive, codeOf = pythonCode): string =>
  declaredIdentity(alone) ?? identityOf(alone, codeOf);

type PartName = Pick<PluginPart, 'kind' | 'name'>;

/** By which parts of one plug-in are told apart. */
export const partKey = ({ kind, name }: PartName): string => `${kind}:${name}`;

/** Identities of all parts of a plug-in, by {@link partKey}. */
export function partIdentities(archive: PluginArchive): ReadonlyMap<string, string> {
  const known = new Map<string, string>();
  const codeOf = (text: string): string => {
    const code = known.get(text) ?? pythonCode(text);
    known.set(text, code);
    return code;
  };
  const named = archive.manifest.parts.map(
    (part) => [partKey(part), partIdentity(partArchive(archive, part, codeOf), codeOf)] as const,
  );
  return new Map(named);
}

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
