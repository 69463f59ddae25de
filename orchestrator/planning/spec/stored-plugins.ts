/** Plug-ins that a sweep names by their identities, as a store has them. Pure: engine/store does the reading. */
import { decodeArchive, mostArchiveBytes } from '@ncsweep/catalog/plugins/archive';
import { knownPlugin, type KnownPlugin } from '@ncsweep/catalog/plugins/part-archive';
import type { KnownPlugins } from './known-plugins.ts';
import type { PluginReference } from './plugin-references.ts';

/** Bytes of archives by identity, not checked yet. Those that the store lacks are absent; what is too large is empty. */
export type StoredArchives = ReadonlyMap<string, Uint8Array>;

/** Why a plug-in cannot be had from a store. */
interface PluginProblem {
  readonly expected: string;
  readonly remedy: string;
}

/** @param location of the store, for messages */
export function storedPlugin(
  { reference, stored }: PluginReference,
  archives: StoredArchives,
  location: string,
): KnownPlugin | PluginProblem {
  if (stored === undefined)
    return {
      expected: 'a plug-in in the store, as name@sha256:identity, because pods do not see your folders',
      remedy: `ncsweep plugin push ${reference} --store …, and name what it prints; ncsweep submit does both`,
    };
  const { plugin, identity } = stored;
  const bytes = archives.get(identity);
  if (bytes === undefined)
    return { expected: `a plug-in that was pushed to ${location}`, remedy: 'ncsweep plugin push FOLDER --store …' };
  if (bytes.length === 0)
    return {
      expected: `plug-ins of at most ${mostArchiveBytes} bytes together; with this one, ${location} has more`,
      remedy: 'data and weights do not belong into code',
    };
  const archive = decodeArchive(bytes, identity);
  if (archive === undefined)
    return {
      expected: `the plug-in of this identity in ${location}, where something else is stored under it`,
      remedy: 'ncsweep store fsck --repair, then ncsweep plugin push FOLDER --store …',
    };
  const { manifest } = archive;
  if (manifest.plugin !== plugin)
    return { expected: `the name of this plug-in, ${manifest.plugin}`, remedy: `write ${manifest.plugin}@sha256:…` };
  return knownPlugin(identity, archive);
}

export interface FoundPlugins {
  readonly plugins: KnownPlugins;
  /** Of the first that cannot be had, for people. */
  readonly problem: string | undefined;
}

/** Takes all plug-ins of a sweep from a store, as a cluster does. @param location of the store, for messages */
export function storedPlugins(references: readonly PluginReference[], archives: StoredArchives, location: string): FoundPlugins {
  const byReference = new Map<string, KnownPlugin>();
  const problems: string[] = [];
  for (const reference of references) {
    const found = storedPlugin(reference, archives, location);
    if ('identity' in found) byReference.set(reference.reference, found);
    else problems.push(`plug-in ${reference.reference}: expected ${found.expected}. Remedy: ${found.remedy}`);
  }
  return { plugins: { byReference, areAllRead: problems.length === 0 }, problem: problems[0] };
}
