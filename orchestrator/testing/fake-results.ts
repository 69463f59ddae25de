/** Commits results as a worker would, for tests: metrics are derived from cell and row, so that a wrong join shows. */
import { networkLayers } from '@ncsweep/catalog/architectures';
import { poolingsOf } from '@ncsweep/catalog/network/layers';
import { sha256 } from '@ncsweep/protocol/canonical';
import { encodeJson } from '@ncsweep/protocol/json-bytes';
import { keys } from '@ncsweep/protocol/keys';
import type { CellFailure, CellResult } from '@ncsweep/protocol/result';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import type { MetricLine } from '@ncsweep/protocol/tables';
import { parquetWriteBuffer } from 'hyparquet-writer';
import type { Plan } from '../planning/plan/plan.ts';

export const attemptId = '01JZZZZZZZZZZZZZZZZZZZZZZZ';

/** A number that only this cell and row have. */
export const fakeValue = (cellId: string, layer: string, pooling: string): number =>
  parseInt(sha256(`${cellId} ${layer} ${pooling}`).slice(0, 8), 16) / 1000;

function metricsParquet(lines: readonly MetricLine[]): Uint8Array {
  const types = {
    layer: 'STRING',
    pooling: 'STRING',
    labels: 'STRING',
    metric: 'STRING',
    row: 'INT32',
    col: 'INT32',
    value: 'DOUBLE',
  } as const;
  const columnData = (Object.keys(types) as (keyof MetricLine)[]).map((name) => ({
    name,
    type: types[name],
    data: lines.map((line) => line[name]),
    nullable: false,
  }));
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

function fakeLines(plan: Plan, cellId: string): MetricLine[] {
  const group = plan.evaluations.find(({ cells }) => cells.some((c) => c.cellId === cellId));
  if (group === undefined) return [];
  const none = { row: -1, col: -1, labels: 'given' };
  const layers = networkLayers(group.lineage.architecture).flatMap((l) =>
    poolingsOf(l).map((pooling) => ({ layer: l.name, pooling })),
  );
  return [
    { ...none, layer: '', pooling: '', metric: 'accuracy', value: 0.5 },
    ...layers.flatMap((at): MetricLine[] => [
      { ...none, ...at, metric: 'nc1', value: fakeValue(cellId, at.layer, at.pooling) },
      { ...none, ...at, metric: 'simplex_angle', row: 1, value: 3 },
      { ...none, ...at, metric: 'nc2_cosines', row: 1, col: 0, value: -0.25 },
    ]),
  ];
}

export async function commitFake(
  plan: Plan,
  store: ObjectStore,
  cellId: string,
  scalars: Readonly<Record<string, number>> = {},
): Promise<void> {
  const cell = plan.cells.get(cellId)!;
  const name = cell.kind === 'snapshot' ? 'weights.safetensors' : 'metrics.parquet';
  const content = cell.kind === 'snapshot' ? encodeJson('weights') : metricsParquet(fakeLines(plan, cellId));
  const artifact = { name, key: keys.artifact(cellId, attemptId, name), sha256: sha256(content), sizeBytes: content.length };
  await store.put(artifact.key, content);
  const inputs = cell.inputs.map(async (input) => {
    const bytes = await store.get(keys.result(input));
    return { cellId: input, resultSha256: sha256(bytes ?? '') };
  });
  const result: CellResult = {
    v: 1,
    cellId,
    kind: cell.kind,
    attemptId,
    artifacts: [artifact],
    scalars,
    buildId: 'test',
    inputs: await Promise.all(inputs),
    numerics: { backend: plan.backend, versions: { tfjs: '4' }, threads: 1, device: 'cpu', batchSize: plan.batchSize },
    scienceVersions: { data: 1 },
    times: { startMs: 1000, endMs: 3000, computeMs: 2000 },
  };
  await store.put(keys.result(cellId), encodeJson(result));
}

export async function commitAll(plan: Plan, store: ObjectStore): Promise<void> {
  for (const cellId of plan.cells.keys()) await commitFake(plan, store, cellId);
}

export async function parkFake(store: ObjectStore, cellId: string): Promise<void> {
  const failure: CellFailure = {
    v: 1,
    cellId,
    attemptId,
    class: 'nonFiniteLoss',
    message: 'loss became NaN at step 12',
    attempts: { nonFiniteLoss: 1 },
    logTail: 'epoch 3 loss NaN',
    atMs: 2000,
  };
  await store.put(keys.failure(cellId), encodeJson(failure));
}
