/** What a store says about the datasets that a sweep names, and whether that is what the sweep means. Pure: engine/store reads it. */
import { datasetOf, type FileDatasetName } from '@ncsweep/catalog/datasets';
import type { FoundData } from '@ncsweep/protocol/found-data';
import type { NamedDataset } from '@ncsweep/protocol/store/dataset-records';

/** A dataset as a sweep names it. */
export interface DataReference {
  /** Name of the dataset's kind. */
  readonly dataset: string;
  readonly pushed: string | undefined;
  readonly digest: string | undefined;
}

export interface PushedData {
  /** Where that is, for messages. */
  readonly location: string;
  /** By the names asked for; those that nothing is pushed under are absent. */
  readonly names: ReadonlyMap<string, NamedDataset>;
  /** Digests asked for or found that the store has data of. */
  readonly digests: ReadonlySet<string>;
  /** What was found in them when they were pushed, by digest. */
  readonly found: ReadonlyMap<string, FoundData>;
}

export const nothingPushed: PushedData = { location: 'the store', names: new Map(), digests: new Set(), found: new Map() };

/** What is wrong with the name of a dataset in the store; undefined when it is as the sweep says. */
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

/** Images of one size keep it, so that a size which nobody knows is none to guess. */
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
