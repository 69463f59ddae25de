/** The only snapshot of a lineage whose weights were made elsewhere. They are checked against the architecture and stored in our layout. */
import { readFile } from 'node:fs/promises';
import { sha256 } from '@ncsweep/protocol/canonical';
import type { KnownTask } from '@ncsweep/catalog/known-task';
import { parameterSpecs } from '@ncsweep/catalog/network/parameters';
import type { RecipeParams } from '@ncsweep/catalog/params';
import { BadDataError, type Dataset } from './data/dataset.ts';
import { nodesFor, weightsFromBytes, weightsToBytes } from './model/load-network.ts';
import { disposeWeights } from './model/weights.ts';
import type { TaskIo } from './task-io.ts';

type ImportRecipe = Extract<RecipeParams, { kind: 'import' }>;

/** @throws BadDataError, InvalidFilesError, WeightsMismatchError */
export async function importWeightsTask(task: KnownTask, recipe: ImportRecipe, dataset: Dataset, io: TaskIo): Promise<void> {
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
  const weights = weightsFromBytes(parameterSpecs(nodesFor(task.lineage.architecture, dataset)), bytes, path);
  const artifacts = [{ name: 'weights.safetensors', bytes: weightsToBytes(weights) }];
  disposeWeights(weights);
  await io.commit(cell.cellId, { artifacts, scalars: { epoch: 0, step: 0 }, computeMs: io.now() - startedAtMs });
}
