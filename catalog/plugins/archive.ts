/** A plug-in as it is stored and sent: its manifest and the text of its files; and its identity, by which everything names it. */
import { digestOf } from '@ncsweep/protocol/canonical';
import { DecodeError } from '@ncsweep/protocol/errors';
import { decodeJson } from '@ncsweep/protocol/json-bytes';
import { keys } from '@ncsweep/protocol/keys';
import { z } from 'zod';
import { pluginManifest, type PluginManifest } from './manifest.ts';
import { plainCode, type CodeOf } from './plain-code.ts';

export const pluginArchive = z.object({
  v: z.literal(1),
  manifest: pluginManifest,
  /** Text of each file, by its path in the folder of the plug-in. */
  files: z.record(z.string(), z.string()),
});
export type PluginArchive = z.infer<typeof pluginArchive>;

/** Of an archive as it is stored, in bytes. Nobody reads a larger one. */
export const mostArchiveBytes = 4 * 2 ** 20;

/** @param bytes of the archive in a store, under this identity @returns undefined when they are something else */
export function decodeArchive(bytes: Uint8Array, identity: string): PluginArchive | undefined {
  try {
    const archive = decodeJson(pluginArchive, bytes, keys.plugin(identity));
    return [identityOf(archive), declaredIdentity(archive)].includes(identity) ? archive : undefined;
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

/** Of a stored plug-in that does not decode. */
export const otherContent =
  'its content is not the plug-in of this identity. Remedy: `ncsweep store fsck --repair`, then push its folder again: `ncsweep plugin push FOLDER`';

/** A parameter without its text for people. */
const withoutText = ({ description: _, ...rest }: PluginManifest['parts'][number]['params'][string]): object => rest;

/** What of a manifest has a meaning: everything but texts for people and the order of parts. */
function meaningOf({ plugin, requires, parts }: PluginManifest): object {
  const entries = parts.map(({ summary: _, params, ...rest }) => {
    const plain = Object.fromEntries(Object.entries(params).map(([name, schema]) => [name, withoutText(schema)]));
    return [`${rest.kind}:${rest.name}`, { ...rest, params: plain }] as const;
  });
  return { plugin, requires: requires.toSorted(), parts: Object.fromEntries(entries) };
}

/**
 * sha256 of what an archive means: its manifest without texts for people, and its code without comments and blank lines. That of a part's
 * archive is in the ids of all cells that use the part, so no number that other code made is ever taken for one of this code.
 * @param codeOf `plainCode`, or what remembers its results
 */
export const identityOf = ({ manifest, files }: Omit<PluginArchive, 'v'>, codeOf: CodeOf = plainCode): string =>
  digestOf({
    v: 1,
    manifest: meaningOf(manifest),
    files: Object.fromEntries(Object.entries(files).map(([name, text]) => [name, codeOf(text, name)])),
  });

/**
 * Identity of the only part of an archive, where its author declares the science of it: what the manifest says of the part, and not its code.
 * Whoever changes what the part computes must raise the number. A store holds one code for each such identity.
 */
export function declaredIdentity({ manifest }: PluginArchive): string | undefined {
  const [part, ...others] = manifest.parts;
  if (part?.science === undefined || others.length > 0) return undefined;
  const { typescript: _, ...meaning } = { typescript: undefined, ...part };
  return digestOf({ v: 1, declared: meaningOf({ ...manifest, requires: [], parts: [{ ...meaning, python: '' }] }) });
}
