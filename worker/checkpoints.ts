/**
 * Checkpoints on the way to a snapshot cell. The parts are put first; manifest.json, with their digests, comes last. A checkpoint exists
 * when its manifest does, and is used when all digests match. The two newest are kept, so that a damaged one costs little.
 */
import { sha256 } from '@ncsweep/protocol/canonical';
import type { NamedBytes } from '@ncsweep/protocol/compute/link';
import { decodeJson, encodeJson } from '@ncsweep/protocol/json-bytes';
import { keys } from '@ncsweep/protocol/keys';
import { checkpointManifest } from '@ncsweep/protocol/result';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import type { Checkpoint } from './task-io.ts';

const manifestName = 'manifest.json';
const kept = 2;

export async function saveCheckpoint(
  store: ObjectStore,
  cellId: string,
  attemptId: string,
  { step, parts }: Checkpoint,
): Promise<void> {
  for (const { name, bytes } of parts) await store.put(keys.checkpoint(cellId, step, attemptId, name), bytes);
  const listed = parts.map(({ name, bytes }) => ({ name, sha256: sha256(bytes), sizeBytes: bytes.length }));
  await store.put(keys.checkpoint(cellId, step, attemptId, manifestName), encodeJson({ v: 1, step, parts: listed }));
  const older = (await folders(store, cellId)).slice(kept);
  for (const folder of older) await removeFolder(store, folder);
}

/** The checkpoint with the highest step whose parts are all present and match their digests. */
export async function latestCheckpoint(store: ObjectStore, cellId: string): Promise<Checkpoint | undefined> {
  for (const folder of await folders(store, cellId)) {
    const found = await readCheckpoint(store, folder).catch(() => undefined);
    if (found) return found;
  }
  return undefined;
}

export async function removeCheckpoints(store: ObjectStore, cellId: string): Promise<void> {
  for (const folder of await folders(store, cellId)) await removeFolder(store, folder);
}

/** Folders `…/<step>/<attemptId>/` of a cell, the highest step first. */
async function folders(store: ObjectStore, cellId: string): Promise<string[]> {
  const found = new Set<string>();
  for await (const { key } of store.list(keys.checkpoints(cellId))) found.add(key.slice(0, key.lastIndexOf('/') + 1));
  return [...found].reverse();
}

/** The manifest goes first, so that an interrupted removal leaves no checkpoint. */
async function removeFolder(store: ObjectStore, folder: string): Promise<void> {
  await store.delete(folder + manifestName);
  for await (const { key } of store.list(folder)) await store.delete(key);
}

async function readCheckpoint(store: ObjectStore, folder: string): Promise<Checkpoint | undefined> {
  const bytes = await store.get(folder + manifestName);
  if (!bytes) return undefined;
  const { step, parts } = decodeJson(checkpointManifest, bytes, folder + manifestName);
  const read: NamedBytes[] = [];
  for (const { name, sha256: expected } of parts) {
    const part = await store.get(folder + name);
    if (!part || sha256(part) !== expected) return undefined;
    read.push({ name, bytes: part });
  }
  return { step, parts: read };
}
