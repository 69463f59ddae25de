/** Artifacts of an evaluate cell: metrics.parquet and, for clean images, the class means. Equal numbers give equal bytes. */
import type { MetricLine } from '@ncsweep/protocol/tables';
import type { ClassMeans, Means } from '@ncsweep/collapse/class-means';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { decodeSafetensors, encodeSafetensors } from '@ncsweep/protocol/safetensors';

export const metricsFile = 'metrics.parquet';
export const meansFile = 'means.safetensors';

export function encodeMetrics(lines: readonly MetricLine[]): Uint8Array {
  const strings = (name: 'layer' | 'pooling' | 'labels' | 'metric'): { name: string; data: string[]; type: 'STRING' } => ({
    name,
    data: lines.map((line) => line[name]),
    type: 'STRING',
  });
  const integers = (name: 'row' | 'col'): { name: string; data: Int32Array; type: 'INT32' } => ({
    name,
    data: Int32Array.from(lines, (line) => line[name]),
    type: 'INT32',
  });
  return new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        strings('layer'),
        strings('pooling'),
        strings('labels'),
        strings('metric'),
        integers('row'),
        integers('col'),
        { name: 'value', data: Float64Array.from(lines, ({ value }) => value), type: 'DOUBLE' },
      ],
    }),
  );
}

/** Float64 [K,d] per layer and pooling, named `<layer>/<pooling>`. */
export function encodeMeans(means: ReadonlyMap<string, ClassMeans>): Uint8Array {
  return encodeSafetensors(
    [...means].map(([name, { classes, dimension, means: data }]) => ({ name, shape: [classes, dimension], data })),
  );
}

/** @throws InvalidFilesError */
export function decodeMeans(bytes: Uint8Array): ReadonlyMap<string, Means> {
  return new Map(
    decodeSafetensors(bytes, 'means.safetensors').map(({ name, shape, data }) => [
      name,
      { classes: shape[0] ?? 0, dimension: shape[1] ?? 0, means: Float64Array.from(data) },
    ]),
  );
}
