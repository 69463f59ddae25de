/** Checks every claim of a store: results decode, artifacts and pushed data match their digests, inputs are current results. */
import { sha256 } from '@ncsweep/protocol/canonical';
import { DecodeError } from '@ncsweep/protocol/errors';
import { keys } from '@ncsweep/protocol/keys';
import { type Artifact, cellFailure, cellResult, type CellResult } from '@ncsweep/protocol/result';
import { CorruptObjectError, type ObjectStore } from '@ncsweep/protocol/store/object-store';
import { decodeRoots, readLedger } from '../store/roots.ts';
import { readStored, type Stored } from '../store/stored-json.ts';
import type { Damage } from './damage.ts';
import { checkData } from './data-care.ts';
import { checkPlugins } from './plugin-care.ts';

export interface FsckReport {
  readonly results: number;
  readonly artifacts: number;
  readonly bytes: number;
  readonly damages: readonly Damage[];
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function artifactProblem(store: ObjectStore, { key, sha256: expected, sizeBytes }: Artifact): Promise<string | undefined> {
  const bytes = await store.get(key);
  if (bytes === undefined) return 'missing';
  if (bytes.length !== sizeBytes) return `${bytes.length} bytes found, ${sizeBytes} were written`;
  return sha256(bytes) === expected ? undefined : 'its content is not what was written';
}

/** Decodes one object. @returns undefined when it does not decode, which is recorded as damage */
async function decoded<T>(read: () => Promise<T>, key: string, damages: Damage[]): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof CorruptObjectError) && !(error instanceof DecodeError)) throw error;
    damages.push({ key, problem: messageOf(error), repair: key });
    return undefined;
  }
}

async function checkRecords(store: ObjectStore, damages: Damage[]): Promise<void> {
  for await (const { key } of store.list(keys.failures)) await decoded(() => readStored(store, key, cellFailure), key, damages);
  for await (const { key } of store.list(keys.sweeps)) {
    const uid = key.split('/')[2]!;
    if (key.endsWith('/ledger.json')) await decoded(() => readLedger(store, uid), key, damages);
    else if (key.endsWith('.ndjson')) await decoded(async () => decodeRoots(key, (await store.get(key))!), key, damages);
  }
}

/** Reports an input of a result that is gone or was made again. Planning sees this too, and runs the cell again. */
function inputProblem({ inputs }: CellResult, results: ReadonlyMap<string, Stored<CellResult>>): string | undefined {
  const odd = inputs.find(({ cellId, resultSha256 }) => results.get(cellId)?.sha256 !== resultSha256);
  return odd && `made from a result of ${odd.cellId.slice(0, 12)} that is no longer there`;
}

/** @param repair whether to remove what is damaged, so that the next run makes it again */
export async function checkStoreContent(store: ObjectStore, repair: boolean): Promise<FsckReport> {
  const damages: Damage[] = [];
  const results = new Map<string, Stored<CellResult>>();
  for await (const { key } of store.list(keys.results)) {
    const found = await decoded(() => readStored(store, key, cellResult), key, damages);
    if (found === undefined) continue;
    if (keys.result(found.value.cellId) === key) results.set(found.value.cellId, found);
    else damages.push({ key, problem: `holds the result of ${found.value.cellId}`, repair: key });
  }
  let [artifacts, bytes] = [0, 0];
  for (const [cellId, { value }] of results) {
    const repairKey = keys.result(cellId);
    const stale = inputProblem(value, results);
    if (stale !== undefined) damages.push({ key: repairKey, problem: stale, repair: repairKey });
    for (const artifact of value.artifacts) {
      artifacts += 1;
      bytes += artifact.sizeBytes;
      const problem = await artifactProblem(store, artifact);
      if (problem !== undefined) damages.push({ key: artifact.key, problem, repair: repairKey });
    }
  }
  await checkRecords(store, damages);
  damages.push(...(await checkData(store)), ...(await checkPlugins(store)));
  if (repair) for (const key of new Set(damages.map((damage) => damage.repair))) await store.delete(key);
  return { results: results.size, artifacts, bytes, damages };
}
