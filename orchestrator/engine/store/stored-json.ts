/** Reads a JSON object from the store, decoded and with its digest. */
import { sha256 } from '@ncsweep/protocol/canonical';
import { decodeJson } from '@ncsweep/protocol/json-bytes';
import { CorruptObjectError, type ObjectStore } from '@ncsweep/protocol/store/object-store';
import type { z } from 'zod';

export interface Stored<T> {
  readonly value: T;
  /** Digest of the bytes as stored. */
  readonly sha256: string;
}

/** @returns undefined when there is no such key @throws CorruptObjectError when the bytes do not decode */
export async function readStored<T>(
  store: ObjectStore,
  key: string,
  schema: z.ZodType<T>,
  signal?: AbortSignal,
): Promise<Stored<T> | undefined> {
  const bytes = await store.get(key, signal);
  if (bytes === undefined) return undefined;
  try {
    return { value: decodeJson(schema, bytes, key), sha256: sha256(bytes) };
  } catch (cause) {
    throw new CorruptObjectError(
      key,
      `not what was written there; delete it from ${store.location} (or run \`ncsweep store fsck\`) and run the sweep again`,
      { cause },
    );
  }
}
