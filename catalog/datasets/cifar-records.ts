/** CIFAR records: label bytes, of which the last is used, and 3×32×32 pixel bytes by channel (Krizhevsky 2009). */
import { InvalidFilesError } from '@ncsweep/protocol/errors';
import { wrongContent } from '@ncsweep/protocol/file-content';
import type { Examiner } from '@ncsweep/protocol/found-data';
import type { FileFormat } from './file-format.ts';

/** Pixel bytes of an image. */
export const cifarPixels = 3 * 32 * 32;

export interface Records {
  /** Label bytes per record; the last is used. */
  readonly labelBytes: number;
  readonly classes: number;
}

/** Labels of a file's records. @param place names the file in errors @throws InvalidFilesError unless it holds whole records */
export function cifarLabels(bytes: Uint8Array, place: string, { labelBytes, classes }: Records): Uint8Array {
  const record = labelBytes + cifarPixels;
  const wrong = bytes.length % record === 0 ? undefined : wrongContent(bytes);
  if (bytes.length === 0 || bytes.length % record !== 0)
    throw new InvalidFilesError({
      place,
      found: wrong?.found ?? `${bytes.length} bytes`,
      expected: `whole records of ${record} bytes`,
      remedy: wrong?.remedy ?? 'The file is truncated: download it again',
    });
  const labels = new Uint8Array(bytes.length / record);
  labels.forEach((_, i) => {
    const label = bytes[i * record + labelBytes - 1]!;
    labels[i] = label;
    if (label >= classes)
      throw new InvalidFilesError({
        place,
        found: `label ${label} of record ${i}`,
        expected: `0 to ${classes - 1}`,
        remedy: 'Is this the binary version?',
      });
  });
  return labels;
}

type CifarFormat = Extract<FileFormat, { kind: 'cifar' }>;

/** A file truncated between two records still has whole records, but CIFAR has the same number of images per class. */
function checkBalance(files: ReadonlyMap<string, Uint8Array>, classes: number): void {
  const counts = new Uint32Array(classes);
  for (const labels of files.values()) for (const label of labels) counts[label]! += 1;
  const [fewest, most] = [Math.min(...counts), Math.max(...counts)];
  if (fewest === most) return;
  const sizes = [...files].map(([place, labels]) => `${labels.length} in ${place}`).join(', ');
  throw new InvalidFilesError({
    place: [...files.keys()].join(', '),
    found: `${fewest} images of class ${counts.indexOf(fewest)} and ${most} of class ${counts.indexOf(most)} (${sizes})`,
    expected: 'equally many images of each class, as CIFAR has',
    remedy: 'A file is truncated, or these are other images: download them again, or give them as the dataset "arrays"',
  });
}

export function examineCifar(format: CifarFormat, classes: number): Examiner {
  const splits = { train: new Map<string, Uint8Array>(), test: new Map<string, Uint8Array>() };
  return {
    see: ({ name, path }, bytes) => {
      const split = format.files.train.includes(name) ? 'train' : 'test';
      splits[split].set(path, cifarLabels(bytes, path, { labelBytes: format.labelBytes, classes }));
    },
    result: () => {
      for (const files of Object.values(splits)) checkBalance(files, classes);
      const count = (files: ReadonlyMap<string, Uint8Array>): number =>
        [...files.values()].reduce((n, labels) => n + labels.length, 0);
      return { classes, train: count(splits.train), test: count(splits.test), sides: [32, 32] };
    },
  };
}
