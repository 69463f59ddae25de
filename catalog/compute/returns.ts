/** What a cell's commit has to hold. */
import type { TaskDocument } from '@ncsweep/protocol/compute/task-document';
import { attackOf, type AttackParams } from '../attacks.ts';
import { isAdaptive } from '../cell-arrays.ts';
import { attackScalars } from '../metrics/attack-scalars.ts';
import { standingFile } from './standing.ts';

type Returns = TaskDocument['returns'];

const scalars = (...names: readonly string[]): Returns['scalars'] => names.map((name) => ({ name, dtype: 'float64' }));

/** The columns of `metrics.parquet`. @see MetricLine */
const columns = [
  ...['layer', 'pooling', 'labels', 'metric'].map((name) => ({ name, type: 'string' as const })),
  ...['row', 'col'].map((name) => ({ name, type: 'int32' as const })),
  { name: 'value', type: 'float64' as const },
];

export const snapshotReturns: Returns = {
  artifacts: ['weights.safetensors', 'optimizer.safetensors'].map((name) => ({ name, format: 'safetensors', dtype: 'F32' })),
  scalars: scalars('epoch', 'step', 'weight_norm'),
};

export function evaluationReturns(attack: AttackParams): Returns {
  const metrics = { name: 'metrics.parquet', format: 'parquet', columns } as const;
  if (attack.kind === 'none') {
    const means = { name: 'means.safetensors', format: 'safetensors', dtype: 'F64' } as const;
    return { artifacts: [metrics, means], scalars: scalars('accuracy', 'loss') };
  }
  const { perturbationMax, pixelMin, pixelMax, zeroGradientShare } = attackScalars;
  const facts = [perturbationMax, pixelMin, pixelMax];
  if (isAdaptive(attack)) return { artifacts: [metrics], scalars: scalars(...facts, zeroGradientShare) };
  const gradients = attackOf(attack).climbs(attack) === 'network' ? [zeroGradientShare] : [];
  const standing = { name: standingFile, format: 'safetensors', dtype: 'F32' } as const;
  const artifacts = attack.kind === 'autoattack' ? [metrics, standing] : [metrics];
  return { artifacts, scalars: scalars('accuracy', 'loss', ...facts, ...gradients) };
}
