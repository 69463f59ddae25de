/** Pulls committed weights from a store into a folder, verified, skipping files that are already there. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { forEachBounded } from '@ncsweep/orchestrator/engine/bounded';
import { cellFiles, type CellFile } from '@ncsweep/orchestrator/planning/plan/cell-files';
import { cellState } from '@ncsweep/orchestrator/engine/store/cell-state';
import { storeState } from '@ncsweep/orchestrator/engine/store/store-state';
import { cellLabels } from '@ncsweep/orchestrator/planning/plan/cell-label';
import { cellNames } from '@ncsweep/orchestrator/planning/plan/cell-names';
import type { Plan } from '@ncsweep/orchestrator/planning/plan/plan';
import { blockedCells } from '@ncsweep/orchestrator/planning/plan/state';
import { sha256 } from '@ncsweep/protocol/canonical';
import type { Cell } from '@ncsweep/catalog/cell';
import { readArtifact } from '@ncsweep/protocol/store/committed-result';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import { writeAtomically } from '../output-folder.ts';

const weights = 'weights.safetensors';
const transfers = 4;

interface PulledWeights {
  /** Relative to the manifest. */
  readonly file: string;
  readonly cellId: string;
  /** Digest of the result that the weights belong to. */
  readonly resultSha256: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  /** Position on the axes of the sweep. */
  readonly at: Readonly<Record<string, string>>;
}

interface MissingWeights {
  readonly cellId: string;
  readonly label: string;
  readonly state: string;
  readonly reason?: string;
}

export interface Pulled {
  readonly files: readonly PulledWeights[];
  readonly missing: readonly MissingWeights[];
  readonly bytesReceived: number;
}

async function isThere(file: string, digest: string): Promise<boolean> {
  const bytes = await readFile(file).catch(() => undefined);
  return bytes !== undefined && sha256(bytes) === digest;
}

/**
 * @param snapshots those to pull
 * @param folder in which `weights/` is created
 * @param onFile called after each file with the number of bytes received for it
 * @throws CorruptObjectError when the store's bytes do not match the committed digest; StoreUnavailableError
 */
export async function pullWeights(
  { plan, store, folder }: { readonly plan: Plan; readonly store: ObjectStore; readonly folder: string },
  snapshots: readonly Cell[],
  onFile: (file: string, receivedBytes: number) => void,
): Promise<Pulled> {
  const state = await storeState(plan, store);
  const blocked = blockedCells(plan, state);
  const [label, namesOf] = [cellLabels(plan), cellNames(plan)];
  const pulled = new Map<string, PulledWeights>();
  let bytesReceived = 0;
  const pull = async ({ cell, file: name }: CellFile): Promise<void> => {
    const found = state.done.get(cell.cellId);
    const artifact = found?.value.artifacts.find((each) => each.name === weights);
    if (found === undefined || artifact === undefined) return;
    const file = path.join('weights', name);
    const { sha256: digest, sizeBytes } = artifact;
    const had = await isThere(path.join(folder, file), digest);
    if (!had) {
      const committed = { result: found.value, resultSha256: found.sha256 };
      await writeAtomically(path.join(folder, file), await readArtifact(store, committed, weights));
      bytesReceived += sizeBytes;
    }
    const at = Object.fromEntries(Object.entries(namesOf(cell)).map(([axis, values]) => [axis, values[0] ?? '']));
    pulled.set(cell.cellId, { file, cellId: cell.cellId, resultSha256: found.sha256, sha256: digest, sizeBytes, at });
    onFile(file, had ? 0 : sizeBytes);
  };
  await forEachBounded(cellFiles(snapshots, label, '.safetensors'), transfers, pull);
  const missing = snapshots.filter(({ cellId }) => !pulled.has(cellId));
  return {
    files: snapshots.flatMap(({ cellId }) => pulled.get(cellId) ?? []),
    missing: missing.map((cell) => ({ cellId: cell.cellId, label: label(cell), ...cellState(cell.cellId, state, blocked) })),
    bytesReceived,
  };
}
