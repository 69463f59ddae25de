/** Reads the artifacts of committed results, verified. */
import { sha256 } from '@ncsweep/protocol/canonical';
import { keys } from '@ncsweep/protocol/keys';
import type { CellResult } from '@ncsweep/protocol/result';
import { CorruptObjectError, type ObjectStore } from '@ncsweep/protocol/store/object-store';
import type { MetricLine } from '@ncsweep/protocol/tables';
import { parquetReadObjects } from 'hyparquet';
import { z } from 'zod';

export const metricLine = z.object({
  layer: z.string(),
  pooling: z.string(),
  labels: z.string(),
  metric: z.string(),
  row: z.int(),
  col: z.int(),
  value: z
    .number()
    .or(z.nan())
    .or(z.literal([Infinity, -Infinity])),
});

const remedy = ({ cellId }: CellResult): string =>
  `run \`ncsweep store fsck\`, or delete ${keys.result(cellId)}; then run the sweep again`;

async function readArtifact(store: ObjectStore, result: CellResult, name: string, signal?: AbortSignal): Promise<Uint8Array> {
  const artifact = result.artifacts.find((a) => a.name === name);
  if (artifact === undefined)
    throw new CorruptObjectError(keys.result(result.cellId), `names no artifact ${name}; ${remedy(result)}`);
  const bytes = await store.get(artifact.key, signal);
  if (bytes === undefined) throw new CorruptObjectError(artifact.key, `missing in ${store.location}; ${remedy(result)}`);
  const found = sha256(bytes);
  if (found !== artifact.sha256)
    throw new CorruptObjectError(artifact.key, `sha256 is ${found}, the commit says ${artifact.sha256}; ${remedy(result)}`);
  return bytes;
}

/** The lines of a done evaluate cell. @throws CorruptObjectError naming the key and what to do */
export async function readMetricLines(store: ObjectStore, result: CellResult, signal?: AbortSignal): Promise<MetricLine[]> {
  const bytes = await readArtifact(store, result, 'metrics.parquet', signal);
  const file = new Uint8Array(bytes).buffer;
  try {
    return z.array(metricLine).parse(await parquetReadObjects({ file }));
  } catch (cause) {
    const key = result.artifacts.find((a) => a.name === 'metrics.parquet')?.key ?? keys.result(result.cellId);
    throw new CorruptObjectError(key, `is not a table of metrics; ${remedy(result)}`, { cause });
  }
}
