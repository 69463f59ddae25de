/** The files that a sweep names: on this machine, or in a store. */
import { isMadeName, type FileDatasetName } from '@ncsweep/catalog/datasets';
import { datasetSpec, trainingSpec } from '@ncsweep/catalog/language/spec';
import type { z } from 'zod';
import { valueAt, type InvalidSweepError, type SpecPath } from './problem.ts';
import type { DataReference } from './pushed-data.ts';
import type { Remainder } from './remainder.ts';

interface Named {
  /** The path as the sweep writes it. */
  readonly path: string;
  /** Refuses the sweep because of this file. */
  readonly problem: (found: string, expected: string, remedy: string) => InvalidSweepError;
}

interface LocalWeights extends Named {
  readonly kind: 'weights';
}

interface LocalDataset extends Named {
  readonly kind: 'dataset';
  readonly dataset: FileDatasetName;
  /** The digest that the sweep states. */
  readonly stated: string | undefined;
  /** The name of the same files in the store. */
  readonly pushed: string | undefined;
  /** The labels that the sweep keeps; none for all. */
  readonly onlyClasses: readonly number[];
  /** Refuses a label that the files do not have. @param classes how many they have */
  readonly labelProblem: (label: number, classes: number) => InvalidSweepError;
}

/** A file or folder that the sweep needs on this machine. */
export type LocalFile = LocalWeights | LocalDataset;

/** A dataset that the sweep identifies by its digest, or by its name in the store. */
export interface StoredFiles extends DataReference {
  /** The path of the same files on this machine. */
  readonly path: string | undefined;
  readonly imageSize: number | undefined;
  readonly volume: { readonly claimName: string; readonly subPath?: string | undefined } | undefined;
  /** Refuses the sweep because of the name. */
  readonly problem: (expected: string, remedy: string) => InvalidSweepError;
}

/** Makes the refusal of a sweep because of one value. */
export type Refuse = (path: SpecPath, found: string, expected: string, remedy: string) => InvalidSweepError;

/** Completes "expected …" for a label that files lack. */
export const labelsThere = (classes: number): string =>
  `0 to ${classes - 1}: there are ${classes} classes, in the order of their names`;

/** Entries of a list of the spec that can be read, with their places in the document. */
function entriesOf<T extends z.ZodType>(remainder: Remainder, axis: string, schema: T): (readonly [z.infer<T>, SpecPath])[] {
  const list = valueAt(remainder.data, ['spec', axis]);
  return (Array.isArray(list) ? (list as unknown[]) : []).flatMap((entry, i) => {
    const { data } = schema.safeParse(entry);
    return data === undefined ? [] : [[data, remainder.placeOf(['spec', axis, i])] as const];
  });
}

/** Datasets that are not generated. */
export const storedFiles = (remainder: Remainder, refuse: Refuse): StoredFiles[] =>
  entriesOf(remainder, 'dataset', datasetSpec).flatMap(
    ([{ name, path, pushed, digest, volume, imageSize }, at]): StoredFiles[] => {
      if (isMadeName(name)) return [];
      const problem: StoredFiles['problem'] = (...words) => refuse([...at, 'pushed'], pushed ?? '', ...words);
      return [{ dataset: name, path, pushed, digest, volume, imageSize, problem }];
    },
  );

export function localFiles(remainder: Remainder, refuse: Refuse): LocalFile[] {
  const datasets = entriesOf(remainder, 'dataset', datasetSpec).flatMap(
    ([{ name, path, digest: stated, pushed, onlyClasses = [] }, at]): LocalFile[] => {
      if (path === undefined || isMadeName(name)) return [];
      const problem: LocalFile['problem'] = (...words) => refuse([...at, 'path'], ...words);
      const labelProblem: LocalDataset['labelProblem'] = (label, classes) =>
        refuse([...at, 'onlyClasses', onlyClasses.indexOf(label)], String(label), labelsThere(classes), 'remove it');
      return [{ kind: 'dataset', path, dataset: name, stated, pushed, onlyClasses, labelProblem, problem }];
    },
  );
  const weights = entriesOf(remainder, 'training', trainingSpec).flatMap(([{ from: path }, at]): LocalFile[] => {
    if (path === undefined) return [];
    const problem: LocalFile['problem'] = (...words) => refuse([...at, 'from'], ...words);
    return [{ kind: 'weights', path, problem }];
  });
  return [...datasets, ...weights];
}
