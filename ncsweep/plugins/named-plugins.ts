/** The plug-ins that a sweep names, read from folders on this machine and from the store. */
import path from 'node:path';
import { knownPlugin, type KnownPlugin } from '@ncsweep/catalog/plugins/part-archive';
import { noPlugins, type KnownPlugins } from '@ncsweep/orchestrator/planning/spec/known-plugins';
import type { PluginReference } from '@ncsweep/orchestrator/planning/spec/plugin-references';
import { InvalidSweepError } from '@ncsweep/orchestrator/planning/spec/problem';
import { storedPlugin } from '@ncsweep/orchestrator/planning/spec/stored-plugins';
import { readArchives } from '@ncsweep/orchestrator/engine/store/read-plugins';
import { InvalidInputError, NotFoundError } from '@ncsweep/protocol/errors';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import { readPluginFolder } from './plugin-folder.ts';

export interface NamedPlugins extends KnownPlugins {
  /** Folders by the identities of plug-ins and of their parts. */
  readonly sources: Readonly<Record<string, string>>;
}

/** @param store undefined for a folder */
async function read(named: PluginReference, folder: string, store: ObjectStore | undefined): Promise<KnownPlugin> {
  if (named.stored === undefined || store === undefined) return inFolder(path.resolve(folder, named.reference), named.problem);
  const archives = await readArchives(store, [named.stored.identity]);
  const found = storedPlugin(named, archives, store.location);
  if ('expected' in found) throw named.problem(named.reference, found.expected, found.remedy);
  return found;
}

async function inFolder(folder: string, problem: PluginReference['problem']): Promise<KnownPlugin> {
  try {
    const { identity, archive } = await readPluginFolder(folder);
    return knownPlugin(identity, archive);
  } catch (error) {
    if (error instanceof NotFoundError)
      throw problem(error.message, 'the folder of a plug-in', 'Paths are relative to the sweep file');
    if (error instanceof InvalidSweepError || !(error instanceof InvalidInputError)) throw error;
    throw problem(error.message, 'a plug-in that can be read', '');
  }
}

/**
 * @param folder of the sweep file @param openStore called only if a reference is to a plug-in in a store; undefined: it is not looked up
 * @param refused is told of each that cannot be read
 */
export async function readNamedPlugins(
  references: readonly PluginReference[],
  folder: string,
  openStore: (() => Promise<ObjectStore>) | undefined,
  refused: (error: InvalidSweepError) => void,
): Promise<NamedPlugins> {
  const byReference = new Map<string, KnownPlugin>();
  const sources: Record<string, string> = {};
  const looked = openStore === undefined ? references.filter(({ stored }) => stored === undefined) : references;
  for (const reference of looked) {
    try {
      const known = await read(reference, folder, reference.stored && (await openStore?.()));
      byReference.set(reference.reference, known);
      if (reference.stored !== undefined) continue;
      for (const identity of [known.identity, ...known.parts.values()])
        sources[identity] = path.resolve(folder, reference.reference);
    } catch (error) {
      if (!(error instanceof InvalidSweepError)) throw error;
      refused(error);
    }
  }
  return { ...noPlugins, byReference, areAllRead: byReference.size === references.length, sources };
}
