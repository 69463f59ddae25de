/** IDX files of bytes: a big-endian header with magic and dimensions, then bytes (LeCun, Cortes & Burges). */
import { InvalidFilesError } from '@ncsweep/protocol/errors';
import { knownContent, wrongContent } from '@ncsweep/protocol/file-content';
import type { Examiner } from '@ncsweep/protocol/found-data';
import type { FileFormat } from './file-format.ts';

/** What an array with this many dimensions holds. */
const contents = { 1: 'labels', 3: 'images' } as const;

export interface IdxArray {
  /** [count], or [count, height, width] */
  readonly shape: readonly number[];
  readonly body: Uint8Array;
}

/**
 * @param rank 1 for labels, 3 for images
 * @param place names the file in errors
 * @throws InvalidFilesError for other or incomplete content
 */
export function readIdxFile(bytes: Uint8Array, rank: 1 | 3, place: string): IdxArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const header = 4 + 4 * rank;
  const magic = 0x0800 + rank;
  if (bytes.length < header || view.getUint32(0) !== magic) {
    const wrong = wrongContent(bytes);
    throw new InvalidFilesError({
      place,
      found: wrong?.found ?? knownContent(bytes) ?? 'an unknown header',
      expected: `an IDX header of ${contents[rank]} (magic 0x${magic.toString(16).padStart(8, '0')})`,
      remedy: wrong?.remedy ?? 'Is this the right file?',
    });
  }
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const expected = header + shape.reduce((a, b) => a * b, 1);
  if (bytes.length !== expected)
    throw new InvalidFilesError({
      place,
      found: `${bytes.length} bytes`,
      expected: `${expected}: its header says ${shape[0]} examples${rank === 3 ? ` of ${shape[1]}×${shape[2]}` : ''}`,
      remedy: bytes.length < expected ? 'The file is truncated: download it again' : 'Download it again',
    });
  return { shape, body: bytes.subarray(header) };
}

type IdxFormat = Extract<FileFormat, { kind: 'idx' }>;

/** @param side of the square images, pixels */
export function examineIdx({ files }: IdxFormat, classes: number, side: number): Examiner {
  const counts = new Map<string, { readonly count: number; readonly path: string }>();
  return {
    see: ({ name, path }, bytes) => {
      const isImages = Object.values(files).some(({ images }) => images === name);
      const { shape, body } = readIdxFile(bytes, isImages ? 3 : 1, path);
      counts.set(name, { count: shape[0]!, path });
      if (isImages) checkSide(shape, side, path);
      else checkLabels(body, classes, path);
    },
    result: () => {
      const count = (split: 'train' | 'test'): number => {
        const [images, labels] = [counts.get(files[split].images)!, counts.get(files[split].labels)!];
        if (images.count !== labels.count)
          throw new InvalidFilesError({
            place: labels.path,
            found: `${labels.count} labels`,
            expected: `${images.count}, as many as images in ${images.path}`,
            remedy: 'Are these files of one dataset? Download both again',
          });
        return images.count;
      };
      return { classes, train: count('train'), test: count('test'), sides: [side, side] };
    },
  };
}

function checkSide([, height, width]: readonly number[], side: number, place: string): void {
  if (height === side && width === side) return;
  throw new InvalidFilesError({
    place,
    found: `images of ${height}×${width}`,
    expected: `${side}×${side}`,
    remedy: 'Is this the right dataset? Images of other sizes are read as the dataset "arrays"',
  });
}

function checkLabels(labels: Uint8Array, classes: number, place: string): void {
  const wrong = labels.findIndex((label) => label >= classes);
  if (wrong === -1) return;
  throw new InvalidFilesError({
    place,
    found: `label ${labels[wrong]} of example ${wrong}`,
    expected: `0 to ${classes - 1}`,
    remedy: 'Is this the right dataset?',
  });
}
