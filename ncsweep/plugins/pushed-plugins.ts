/** Plug-ins in a store, for people: what `ncsweep plugin push`, `list` and `show` do. */
import type { PluginManifest } from '@ncsweep/catalog/plugins/manifest';
import { partIdentities } from '@ncsweep/catalog/plugins/part-archive';
import { identity as identitySchema } from '@ncsweep/catalog/plugins/names';
import { readStoredArchive } from '@ncsweep/orchestrator/engine/store/read-plugins';
import { InvalidInputError, NotFoundError } from '@ncsweep/protocol/errors';
import { keys } from '@ncsweep/protocol/keys';
import { CorruptObjectError, type ObjectStore } from '@ncsweep/protocol/store/object-store';
import { openStore } from '@ncsweep/protocol/store/open-store';
import { readDefaults } from '../config.ts';
import { readPluginFolder } from './plugin-folder.ts';
import { storePlugin } from './stored-plugins.ts';

export interface PluginPlace {
  /** A directory or s3://bucket/prefix. Default: `NCSWEEP_STORE`, else `.ncsweep/store`. */
  readonly store?: string | undefined;
}

export interface PushedPlugin {
  /** As a sweep names it in `plugins`: `name@sha256:identity`. */
  readonly reference: string;
  readonly manifest: PluginManifest;
}

const referenceTo = (manifest: PluginManifest, identity: string): string => `${manifest.plugin}@sha256:${identity}`;

const opened = ({ store = readDefaults().defaultStore }: PluginPlace, use: 'read' | 'write'): Promise<ObjectStore> =>
  openStore(store, use);

/**
 * Copies a plug-in into a store, from which sweeps on any machine can use it.
 * @returns it, and whether the store lacked it
 * @throws NotFoundError; InvalidInputError with every problem of the folder, or when a part declares a science under which the store has
 * other code; CorruptObjectError, StoreUnavailableError
 * @example
 * ```ts no-run
 * import { pushPlugin } from 'ncsweep';
 *
 * const { reference } = await pushPlugin('lab', { store: 's3://results/vision' });
 * console.log(`plugins: [${reference}]`);
 * ```
 */
export async function pushPlugin(folder: string, place: PluginPlace = {}): Promise<PushedPlugin & { readonly isNew: boolean }> {
  const plugin = await readPluginFolder(folder);
  const isNew = await storePlugin(await opened(place, 'write'), plugin);
  const { manifest } = plugin.archive;
  return { reference: referenceTo(manifest, plugin.identity), manifest, isNew };
}

async function identitiesIn(store: ObjectStore): Promise<readonly string[]> {
  const identities: string[] = [];
  for await (const { key } of store.list(keys.allPlugins)) {
    const { data } = identitySchema.safeParse(key.slice(keys.allPlugins.length, -'.json'.length));
    if (data !== undefined) identities.push(data);
  }
  return identities;
}

interface StoredPlugin extends PushedPlugin {
  /** Identities of its parts, which are stored by themselves too. */
  readonly parts: ReadonlySet<string>;
  readonly identity: string;
}

/** All archives by name; damaged ones are left out. */
async function archivesIn(store: ObjectStore): Promise<readonly StoredPlugin[]> {
  const found: StoredPlugin[] = [];
  for (const identity of await identitiesIn(store)) {
    try {
      const archive = await readStoredArchive(store, identity);
      if (archive === undefined) continue;
      const { manifest } = archive;
      const parts = new Set(partIdentities(archive).values());
      found.push({ reference: referenceTo(manifest, identity), manifest, identity, parts });
    } catch (error) {
      if (!(error instanceof CorruptObjectError)) throw error;
    }
  }
  return found.sort((a, b) => (a.reference < b.reference ? -1 : 1));
}

/** Those that are no part of another. */
const wholeOnes = (all: readonly StoredPlugin[]): readonly StoredPlugin[] =>
  all.filter(({ identity }) => !all.some((other) => other.identity !== identity && other.parts.has(identity)));

const asPushed = ({ reference, manifest }: StoredPlugin): PushedPlugin => ({ reference, manifest });

/**
 * Lists the plug-ins of a store by name; damaged ones are left out.
 * @throws StoreUnavailableError
 * @example
 * ```ts no-run
 * import { listPlugins } from 'ncsweep';
 *
 * for (const { reference, manifest } of await listPlugins()) console.log(reference, manifest.parts.map(({ name }) => name));
 * ```
 */
export const listPlugins = async (place: PluginPlace = {}): Promise<readonly PushedPlugin[]> =>
  wholeOnes(await archivesIn(await opened(place, 'read'))).map(asPushed);

/**
 * One plug-in of a store, with its code.
 * @param wanted its name, if only one has it, or `name@sha256:` and the beginning of its identity, or that beginning alone
 * @throws NotFoundError, InvalidInputError when several match; CorruptObjectError, StoreUnavailableError
 * @example
 * ```ts no-run
 * import { showPlugin } from 'ncsweep';
 *
 * console.log(Object.keys((await showPlugin('lab')).files));
 * ```
 */
export async function showPlugin(
  wanted: string,
  place: PluginPlace = {},
): Promise<PushedPlugin & { readonly files: Readonly<Record<string, string>> }> {
  const store = await opened(place, 'read');
  const all = await archivesIn(store);
  const isMeant = ({ reference, identity }: StoredPlugin): boolean =>
    identity.startsWith(wanted) || (wanted.includes('@') && reference.startsWith(wanted));
  const named = wholeOnes(all).filter(({ manifest }) => manifest.plugin === wanted);
  const matches = named.length > 0 ? named : all.filter(isMeant);
  const [found, ...others] = matches;
  if (found === undefined)
    throw new NotFoundError(
      `plug-in ${wanted}: not in ${store.location}. Remedy: ncsweep plugin list; ncsweep plugin push FOLDER`,
    );
  if (others.length > 0)
    throw new InvalidInputError(
      `plug-in ${wanted}: ${matches.length} match. Remedy: name one of ${matches.map(({ reference }) => reference).join(', ')}`,
    );
  const archive = await readStoredArchive(store, found.identity);
  if (archive === undefined) throw new NotFoundError(`plug-in ${wanted}: it was removed from ${store.location} meanwhile`);
  return { ...asPushed(found), files: archive.files };
}
