/** Reading committed results: presence with current inputs, and verified artifacts. */
import { sha256 } from '../canonical.ts';
import { decodeJson } from '../json-bytes.ts';
import { keys } from '../keys.ts';
import { cellResult, type CellResult } from '../result.ts';
import { CorruptObjectError, type ObjectStore } from './object-store.ts';

export interface CommittedResult {
  readonly result: CellResult;
  /** sha256 of the result file, by which other results name it as an input. */
  readonly resultSha256: string;
}

export type ConsumedInput = CellResult['inputs'][number];

/** @throws CorruptObjectError */
export async function readResult(store: ObjectStore, cellId: string): Promise<CommittedResult | undefined> {
  const key = keys.result(cellId);
  const bytes = await store.get(key);
  if (!bytes) return undefined;
  try {
    return { result: decodeJson(cellResult, bytes, key), resultSha256: sha256(bytes) };
  } catch (cause) {
    throw new CorruptObjectError(key, 'the result does not decode', { cause });
  }
}

/** The results that a cell would consume now; undefined when one of them is not committed. */
export async function currentInputs(store: ObjectStore, inputs: readonly string[]): Promise<ConsumedInput[] | undefined> {
  const found: ConsumedInput[] = [];
  for (const cellId of inputs) {
    const input = await readResult(store, cellId);
    if (!input) return undefined;
    found.push({ cellId, resultSha256: input.resultSha256 });
  }
  return found;
}

export const sameInputs = (a: readonly ConsumedInput[], b: readonly ConsumedInput[]): boolean =>
  a.length === b.length && a.every((input, i) => input.cellId === b[i]?.cellId && input.resultSha256 === b[i].resultSha256);

/** @throws CorruptObjectError when the artifact is missing, has another digest, or is not listed */
export async function readArtifact(store: ObjectStore, { result }: CommittedResult, name: string): Promise<Uint8Array> {
  const artifact = result.artifacts.find((each) => each.name === name);
  if (!artifact) throw new CorruptObjectError(keys.result(result.cellId), `names no artifact ${name}`);
  const bytes = await store.get(artifact.key);
  if (!bytes) throw new CorruptObjectError(artifact.key, 'the artifact is missing');
  if (sha256(bytes) !== artifact.sha256) throw new CorruptObjectError(artifact.key, 'the artifact does not match its digest');
  return bytes;
}
