/** Results in a directory store that are not what was measured, though every digest fits. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readMetricLines } from '@ncsweep/orchestrator/engine/ingest/metric-lines';
import { sha256 } from '@ncsweep/protocol/canonical';
import { encodeJson } from '@ncsweep/protocol/json-bytes';
import { keys } from '@ncsweep/protocol/keys';
import type { CellResult } from '@ncsweep/protocol/result';
import { openStore } from '@ncsweep/protocol/store/open-store';
import { encodeMetrics } from '@ncsweep/worker/evaluate/metrics-file';

/** @param store its folder @returns the path of the result's file, and the result */
export async function storedResult(store: string, cellId: string): Promise<{ at: string; result: CellResult }> {
  const at = path.join(store, keys.result(cellId));
  return { at, result: JSON.parse(await readFile(at, 'utf8')) as CellResult };
}

/** One number of a committed evaluation becomes another, with digests that fit. @returns what puts it back */
export async function forgeMetric(store: string, cellId: string, metric: string, by: number): Promise<() => Promise<void>> {
  const { at, result } = await storedResult(store, cellId);
  const artifact = result.artifacts.find(({ name }) => name === 'metrics.parquet')!;
  const artifactAt = path.join(store, artifact.key);
  const before = await Promise.all([readFile(at), readFile(artifactAt)]);
  const lines = await readMetricLines(await openStore(store, 'read'), result);
  const chosen = lines.findIndex((line) => line.metric === metric);
  const forged = encodeMetrics(lines.map((line, i) => (i === chosen ? { ...line, value: line.value + by } : line)));
  const artifacts = result.artifacts.map((each) =>
    each === artifact ? { ...each, sha256: sha256(forged), sizeBytes: forged.length } : each,
  );
  await writeFile(artifactAt, forged);
  await writeFile(at, encodeJson({ ...result, artifacts }));
  return async () => {
    await writeFile(at, before[0]);
    await writeFile(artifactAt, before[1]);
  };
}
