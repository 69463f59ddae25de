/**
 * What a store says about the datasets and plug-ins that a sweep names, and whether its datasets match the sweep. Pure: engine/store does
 * the reading.
 */
import { datasetOf, type FileDatasetName } from '@ncsweep/catalog/datasets';
import type { FoundData } from '@ncsweep/protocol/found-data';
import type { NamedDataset } from '@ncsweep/protocol/store/dataset-records';
import type { StoredArchives } from './stored-plugins.ts';

/** A dataset as a sweep names it. */
export interface DataReference {
  /** The kind of dataset. */
  readonly dataset: string;
  readonly pushed: string | undefined;
  readonly digest: string | undefined;
}

export interface PushedData {
  /** Where the store is, for messages. */
  readonly location: string;
  /** By requested name; names under which nothing was pushed are absent. */
  readonly names: ReadonlyMap<string, NamedDataset>;
  /** Digests, requested or found, for which the store has data. */
  readonly digests: ReadonlySet<string>;
  /** What was found in the datasets when they were pushed, by digest. */
  readonly found: ReadonlyMap<string, FoundData>;
  /** What is stored under the identities of plug-ins, as it was read. */
  readonly archives: StoredArchives;
}

export const nothingPushed: PushedData = {
  location: 'the store',
  names: new Map(),
  digests: new Set(),
  found: new Map(),
  archives: new Map(),
};

/** What is wrong with the name of a dataset in the store; undefined if it matches the sweep. */
export function pushedProblem(
  { dataset, pushed, digest }: DataReference,
  { names, location }: PushedData,
): { readonly expected: string; readonly remedy: string } | undefined {
  if (pushed === undefined) return undefined;
  const found = names.get(pushed);
  if (found === undefined)
    return { expected: `a dataset that was pushed to ${location}`, remedy: `ncsweep dataset push ${pushed} FOLDER --store …` };
  if (found.dataset !== (dataset as FileDatasetName))
    return { expected: `the name of a pushed ${dataset}; this is ${found.dataset}`, remedy: 'ncsweep dataset list' };
  if (digest !== undefined && found.digest !== digest)
    return { expected: `data whose digest is ${digest}`, remedy: `remove digest, or write ${found.digest}` };
  return undefined;
}

/** Images of one size keep that size, so it must be known: it cannot be guessed. */
export function sizeProblem(
  { dataset, pushed, digest, imageSize }: DataReference & { readonly imageSize: number | undefined },
  { names, found }: PushedData,
): { readonly expected: string; readonly remedy: string } | undefined {
  const part = datasetOf({ name: dataset as FileDatasetName });
  const known = digest ?? names.get(pushed ?? '')?.digest;
  if (imageSize !== undefined || part.from !== 'files' || !part.keepsSize || known === undefined || found.has(known))
    return undefined;
  return {
    expected: 'imageSize: the size of these images is not known here',
    remedy: `${part.side === 'own' ? '' : 'write imageSize, or '}push the files again: \`ncsweep dataset push\` records their size`,
  };
}
