/** The plug-ins that a sweep names, read from folders on this machine and from the store. */
import path from 'node:path';
import type { KnownPlugin } from '@ncsweep/catalog/plugins/archive';
import { noPlugins, type KnownPlugins } from '@ncsweep/orchestrator/planning/spec/known-plugins';
import type { PluginReference } from '@ncsweep/orchestrator/planning/spec/plugin-references';
import { InvalidSweepError } from '@ncsweep/orchestrator/planning/spec/problem';
import { InvalidInputError, NotFoundError } from '@ncsweep/protocol/errors';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import { readPluginFolder, type Plugin } from './plugin-folder.ts';
import { readStoredPlugin } from './stored-plugins.ts';

export interface NamedPlugins extends KnownPlugins {
  /** Folders by identity. */
  readonly sources: Readonly<Record<string, string>>;
}

async function read(
  { reference, stored, problem }: PluginReference,
  folder: string,
  store: ObjectStore | undefined,
): Promise<Plugin> {
  if (stored === undefined) return inFolder(path.resolve(folder, reference), problem);
  const found = store && (await readStoredPlugin(store, stored.identity));
  if (found === undefined)
    throw problem(
      reference,
      `a plug-in that an earlier run left in ${store?.location ?? 'the store'}`,
      'name its folder: a run puts it into the store',
    );
  const { plugin } = found.archive.manifest;
  if (plugin !== stored.plugin) throw problem(reference, `the name of this plug-in, ${plugin}`, `write ${plugin}@sha256:…`);
  return found;
}

async function inFolder(folder: string, problem: PluginReference['problem']): Promise<Plugin> {
  try {
    return await readPluginFolder(folder);
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
      const { identity, archive } = await read(reference, folder, reference.stored && (await openStore?.()));
      byReference.set(reference.reference, { identity, manifest: archive.manifest });
      if (reference.stored === undefined) sources[identity] = path.resolve(folder, reference.reference);
    } catch (error) {
      if (!(error instanceof InvalidSweepError)) throw error;
      refused(error);
    }
  }
  return { ...noPlugins, byReference, areAllRead: byReference.size === references.length, sources };
}
