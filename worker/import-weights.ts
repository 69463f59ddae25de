/**
 * The only snapshot of a lineage whose weights were made elsewhere. They are checked against the architecture and stored in our layout; a
 * compute program has no part in it.
 */
import { readFile } from 'node:fs/promises';
import { nodesOf } from '@ncsweep/catalog/compute/document';
import type { KnownTask } from '@ncsweep/catalog/known-task';
import { parameterSpecs } from '@ncsweep/catalog/network/parameters';
import type { RecipeParams } from '@ncsweep/catalog/params';
import { sha256 } from '@ncsweep/protocol/canonical';
import type { TaskDocument } from '@ncsweep/protocol/compute/task-document';
import { encodeSafetensors } from '@ncsweep/protocol/safetensors';
import { BadDataError } from './data/dataset.ts';
import { parametersFromBytes } from './model/weights-file.ts';
import type { StoreTaskIo } from './store-task-io.ts';

type ImportRecipe = Extract<RecipeParams, { kind: 'import' }>;

/** The parameters of a plug-in's network are known to its code only, which checks them before it evaluates. */
function inOurLayout(task: KnownTask, data: TaskDocument['data'], bytes: Uint8Array, path: string): Uint8Array {
  if (task.lineage.architecture.name === 'plugin') return bytes;
  return encodeSafetensors(parametersFromBytes(parameterSpecs(nodesOf(task, data)), bytes, path));
}

/** @throws BadDataError, InvalidFilesError, WeightsMismatchError */
export async function importWeights(
  task: KnownTask,
  recipe: ImportRecipe,
  data: TaskDocument['data'],
  io: Pick<StoreTaskIo, 'isSettled' | 'sourcePath' | 'commit' | 'now'>,
): Promise<void> {
  const cell = task.cells[0]!;
  if (await io.isSettled(cell.cellId)) return;
  const startedAtMs = io.now();
  const path = await io.sourcePath(recipe.weightsSha256);
  const bytes = await readFile(path);
  const found = sha256(bytes);
  if (found !== recipe.weightsSha256) {
    throw new BadDataError(
      `${path}: its sha256 is ${found}, but ${recipe.weightsSha256} was planned: the file changed. Plan again`,
    );
  }
  const artifacts = [{ name: 'weights.safetensors', bytes: inOurLayout(task, data, bytes, path) }];
  await io.commit(cell.cellId, { artifacts, scalars: { epoch: 0, step: 0 }, computeMs: io.now() - startedAtMs });
}
