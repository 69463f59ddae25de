/** Datasets in PersistentVolumeClaims: how pods mount them, and where workers find them. Pure. */
import type { DatasetSpec } from '@ncsweep/catalog/language/spec';

type Json = Readonly<Record<string, unknown>>;
export type VolumeDataset = Pick<DatasetSpec, 'digest' | 'volume'>;

/** Depends on the digest alone; workers get it with each task. */
const mountPath = (digest: string): string => `/data/${digest}`;

export interface DatasetVolumes {
  readonly volumes: readonly Json[];
  readonly mounts: readonly Json[];
  /** Paths in the pod by digest. */
  readonly sources: Readonly<Record<string, string>>;
}

/** One read-only volume per claim; a digest that is named twice is mounted once. */
export function datasetVolumes(datasets: readonly VolumeDataset[]): DatasetVolumes {
  const byDigest = new Map<string, NonNullable<VolumeDataset['volume']>>();
  for (const { digest, volume } of datasets)
    if (digest !== undefined && volume !== undefined && !byDigest.has(digest)) byDigest.set(digest, volume);
  const claims = [...new Set([...byDigest.values()].map(({ claimName }) => claimName))];
  const nameOf = (claimName: string): string => `data-${claims.indexOf(claimName)}`;
  return {
    volumes: claims.map((claimName) => ({ name: nameOf(claimName), persistentVolumeClaim: { claimName, readOnly: true } })),
    mounts: [...byDigest].map(([digest, { claimName, subPath }]) => ({
      name: nameOf(claimName),
      mountPath: mountPath(digest),
      readOnly: true,
      ...(subPath === undefined ? {} : { subPath }),
    })),
    sources: Object.fromEntries([...byDigest.keys()].map((digest) => [digest, mountPath(digest)])),
  };
}
