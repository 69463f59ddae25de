/** Opens a store: checks its format, or creates `v1/store.json` after checking that the store honours conditional puts. */
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { z } from 'zod';
import { DecodeError, InvalidInputError } from '../errors.ts';
import { decodeJson, encodeJson } from '../json-bytes.ts';
import { keys } from '../keys.ts';
import { DirectoryStore } from './directory-store.ts';
import { parseS3Location } from './s3-location.ts';
import { CorruptObjectError, NewerStoreError, type ObjectStore, StoreUnavailableError } from './object-store.ts';

/** Increased when the layout changes in a way that older builds must not write to. */
export const storeFormat = 1;

export const storeRecord = z.object({ v: z.literal(1), format: z.int().min(1), conditionalPut: z.boolean() });

/**
 * @param location a directory, or s3://bucket/prefix (s3-location.ts)
 * @param decorate wraps the store before it is first used
 * @param credentialsFolder holds files named AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, as a mounted Secret does; default: credentials of the
 * process, as the AWS SDK finds them
 * @param use `read` neither creates nor probes: a store that does not exist reads as empty
 * @throws NewerStoreError, StoreUnavailableError, CorruptObjectError (unreadable store.json), InvalidInputError (unknown location)
 */
export async function openStore(
  location: string,
  use: 'read' | 'write',
  decorate: (store: ObjectStore) => ObjectStore = (store) => store,
  credentialsFolder?: string,
): Promise<ObjectStore> {
  const store = decorate(await storeAt(location, credentialsFolder));
  await checkStore(store, use);
  return store;
}

const schemeOf = (location: string): string | undefined => /^([a-z][a-z0-9+.-]*):\/\//i.exec(location)?.[1]?.toLowerCase();

/** The same location for a process with another working directory. */
export const absoluteLocation = (location: string): string => (schemeOf(location) === undefined ? resolve(location) : location);

/** The store at a location, unchecked. @throws InvalidInputError for a location that this build does not know */
export async function storeAt(location: string, credentialsFolder?: string): Promise<ObjectStore> {
  const scheme = schemeOf(location);
  if (scheme === undefined) return new DirectoryStore(resolve(location));
  if (scheme !== 's3') throw new InvalidInputError(`store ${location}: expected a directory or s3://bucket/prefix`);
  const s3 = parseS3Location(location);
  // Loaded only where needed: loading the SDK takes a second, which users of directories need not pay.
  const { S3Store } = await import('./s3-store.ts');
  return new S3Store(s3, credentialsFolder);
}

export async function checkStore(store: ObjectStore, use: 'read' | 'write'): Promise<void> {
  const found = await store.get(keys.store);
  if (found) checkFormat(store, found);
  if (found || use === 'read') return;
  if (!(await honoursConditionalPut(store))) {
    throw new StoreUnavailableError(
      `store ${store.location}: it overwrites on a conditional put (If-None-Match: *), so two workers could both commit. Remedy: use a service that honours it, or a directory`,
    );
  }
  await store.putIfAbsent(keys.store, encodeJson({ v: 1, format: storeFormat, conditionalPut: true }));
  const written = await store.get(keys.store);
  if (written) checkFormat(store, written);
}

function checkFormat(store: ObjectStore, bytes: Uint8Array): void {
  try {
    const { format } = decodeJson(storeRecord, bytes, keys.store);
    if (format <= storeFormat) return;
    throw new NewerStoreError(
      `store ${store.location}: its format is ${format}, this ncsweep knows ${storeFormat}; update ncsweep, or choose another store with --store`,
    );
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new CorruptObjectError(keys.store, `${error.message}; restore it, or choose another store with --store`, {
      cause: error,
    });
  }
}

/** Tries it with a key that is removed afterwards. */
export async function honoursConditionalPut(store: ObjectStore): Promise<boolean> {
  const key = `v1/probe/${randomUUID()}`;
  const first = await store.putIfAbsent(key, encodeJson(1));
  const second = await store.putIfAbsent(key, encodeJson(2));
  await store.delete(key);
  return first && !second;
}
