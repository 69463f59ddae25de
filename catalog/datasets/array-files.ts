/** Images and labels as arrays, whatever files hold them. */
import { DecodeError, InvalidFilesError } from '@ncsweep/protocol/errors';
import type { Examiner } from '@ncsweep/protocol/found-data';
import { decodeNpy, type NpyArray } from '@ncsweep/protocol/npy';
import type { DatasetFile } from '@ncsweep/protocol/store/dataset-file';
import { readFrom, unpackEntry, zipEntries } from '@ncsweep/protocol/zip-directory';
import { arrayNames, splitArrayNames } from './array-sets.ts';
import { readIdxFile } from './idx-file.ts';

export interface ArraySplit {
  /** [height, width, channels] */
  readonly shape: readonly [number, number, number];
  /** Bytes 0..255, or floats in [0,1] [N,H,W,C]. */
  readonly pixels: Uint8Array | Float32Array;
  /** 0..K-1 [N] */
  readonly labels: Int32Array;
}

/** An array and where it comes from. */
interface Placed {
  readonly array: NpyArray;
  readonly place: string;
}

type What = 'images' | 'labels';
type Split = 'train' | 'test';
/** Finds an array by its split and what it holds. */
type Find = (split: Split, what: What) => Placed;

const refuse = (place: string, found: string, expected: string, remedy: string): InvalidFilesError =>
  new InvalidFilesError({ place, found, expected, remedy });

function npy(bytes: Uint8Array, place: string): Placed {
  try {
    return { array: decodeNpy(bytes, place), place };
  } catch (cause) {
    if (!(cause instanceof DecodeError)) throw cause;
    throw new InvalidFilesError(
      {
        place,
        found: cause.message.slice(place.length + 2),
        expected: 'one numeric array in C order',
        remedy: 'Write it again with NumPy',
      },
      { cause },
    );
  }
}

function fromArchive(bytes: Uint8Array, place: string, names: readonly string[]): Placed {
  const read = readFrom(bytes);
  const entries = zipEntries(read, bytes.length, place);
  const entry = names.map((name) => entries.find((each) => each.name === `${name}.npy`)).find((each) => each !== undefined);
  if (entry === undefined) {
    const there = entries.map(({ name }) => name.replace(/\.npy$/, '')).join(', ');
    throw refuse(place, `the arrays ${there || '(none)'}`, names.join(' or '), 'Save it with numpy.savez under this name');
  }
  return npy(unpackEntry(read, entry, place), `${place} (${entry.name.replace(/\.npy$/, '')})`);
}

/** @param bytes of each file, by its canonical name */
function finder(files: ReadonlyMap<string, { readonly file: DatasetFile; readonly bytes: Uint8Array }>): Find {
  const of = (name: string): { readonly bytes: Uint8Array; readonly place: string } => {
    const { bytes, file } = files.get(name)!;
    return { bytes, place: file.path };
  };
  const first = [...files.keys()][0] ?? '';
  if (files.size === 1) return (split, what) => fromArchive(of(first).bytes, of(first).place, arrayNames(split, what));
  if (first.endsWith('.npz'))
    return (split, what) => fromArchive(of(`${split}.npz`).bytes, of(`${split}.npz`).place, splitArrayNames(what));
  if (first.endsWith('.npy')) return (split, what) => npy(of(`${split}_${what}.npy`).bytes, of(`${split}_${what}.npy`).place);
  return (split, what) => {
    const names = [...files.keys()].filter((name) => name.includes(`-${what}-`));
    const name = names.find((each) => each.includes('train') === (split === 'train'))!;
    const { shape, body } = readIdxFile(of(name).bytes, what === 'images' ? 3 : 1, of(name).place);
    return { array: { type: 'uint8', shape, data: body }, place: of(name).place };
  };
}

const isChannels = (n: number | undefined): boolean => n === 1 || n === 3;

/** [N,H,W], [N,H,W,C] or [N,C,H,W]. */
function imagesOf({ array: { type, shape, data }, place }: Placed): Pick<ArraySplit, 'shape' | 'pixels'> {
  const [count = 0, a = 0, b = 0, c = 1] = shape;
  const lastIsChannels = shape.length === 3 || isChannels(shape[3]);
  if (count === 0 || shape.length < 3 || shape.length > 4 || !(lastIsChannels || isChannels(a)))
    throw refuse(
      place,
      `an array (${shape.join(', ')})`,
      '(N, height, width), with 1 or 3 channels last or second',
      'reshape it',
    );
  const pixels = pixelsOf(type, data, place);
  if (lastIsChannels) return { shape: [a, b, c], pixels };
  return { shape: [b, c, a], pixels: channelsLast(pixels, count, [b, c, a]) };
}

function pixelsOf(type: NpyArray['type'], data: NpyArray['data'], place: string): Uint8Array | Float32Array {
  if (type === 'uint8') return data as Uint8Array;
  if (type !== 'float32' && type !== 'float64')
    throw refuse(place, `pixels of ${type}`, 'uint8, or float32 in [0,1]', 'convert with x.astype(...)');
  const floats = Float32Array.from(data as Float32Array);
  const wrong = floats.find((value) => !(value >= 0 && value <= 1));
  if (wrong !== undefined)
    throw refuse(
      place,
      `a pixel of ${wrong}`,
      'floats in [0,1]: the network normalises',
      'save the images before they are normalised',
    );
  return floats;
}

function channelsLast<T extends Uint8Array | Float32Array>(
  planes: T,
  count: number,
  [height, width, channels]: ArraySplit['shape'],
): T {
  const plane = height * width;
  const out = planes.slice() as T;
  for (let n = 0; n < count; n += 1)
    for (let i = 0; i < plane; i += 1)
      for (let k = 0; k < channels; k += 1) out[(n * plane + i) * channels + k] = planes[(n * channels + k) * plane + i]!;
  return out;
}

/** [N] or [N,1]. */
function labelsOf({ array: { type, shape, data }, place }: Placed, count: number, images: string): Int32Array {
  const isColumn = shape.length === 1 || (shape.length === 2 && shape[1] === 1);
  if (!isColumn || shape[0] !== count)
    throw refuse(
      place,
      `an array (${shape.join(', ')})`,
      `(${count}), a label for each image of ${images}`,
      'check that these files belong to one dataset',
    );
  if (!['uint8', 'int32', 'int64'].includes(type))
    throw refuse(place, `labels of ${type}`, 'uint8, int32 or int64', 'convert with y.astype(numpy.int64)');
  const labels = Int32Array.from(data as Int32Array, Number);
  const wrong = labels.find((label) => label < 0 || label > 9999);
  if (wrong !== undefined)
    throw refuse(place, `label ${wrong}`, '0 to 9999', 'renumber with numpy.unique(y, return_inverse=True)[1]');
  return labels;
}

function splitOf(find: Find, split: Split): ArraySplit {
  const images = find(split, 'images');
  const { shape, pixels } = imagesOf(images);
  return { shape, pixels, labels: labelsOf(find(split, 'labels'), images.array.shape[0]!, images.place) };
}

export interface ArrayData {
  readonly classes: number;
  readonly train: ArraySplit;
  readonly test: ArraySplit;
}

/** @param files with their bytes, decompressed @throws InvalidFilesError */
export function readArrays(files: readonly { readonly file: DatasetFile; readonly bytes: Uint8Array }[]): ArrayData {
  const find = finder(new Map(files.map((each) => [each.file.name, each])));
  const [train, test] = [splitOf(find, 'train'), splitOf(find, 'test')];
  const place = files.map(({ file }) => file.path).join(', ');
  if (train.shape.join('×') !== test.shape.join('×'))
    throw refuse(
      place,
      `images of ${train.shape.join('×')} and ${test.shape.join('×')}`,
      'images of one size',
      'check that these files belong to one dataset',
    );
  const present = new Set(train.labels);
  const classes = [...train.labels, ...test.labels].reduce((most, label) => Math.max(most, label), 0) + 1;
  const seen = new Set(test.labels);
  for (let label = 0; label < classes; label += 1) {
    const lacking = present.has(label) ? (seen.has(label) ? undefined : 'test') : 'train';
    if (lacking !== undefined)
      throw refuse(
        place,
        `no image of class ${label} in ${lacking}`,
        `each of ${classes} classes in both splits`,
        'labels count from 0, without gaps',
      );
  }
  if (classes < 2)
    throw refuse(
      place,
      'one class',
      'at least two classes, because collapse compares classes',
      'check that these are the labels',
    );
  return { classes, train, test };
}

export function examineArrays(): Examiner {
  const files: { readonly file: DatasetFile; readonly bytes: Uint8Array }[] = [];
  return {
    see: (file, bytes) => void files.push({ file, bytes }),
    result: () => {
      const { classes, train, test } = readArrays(files);
      const side = Math.min(train.shape[0], train.shape[1]);
      return { classes, train: train.labels.length, test: test.labels.length, sides: [side, side], shape: [...train.shape] };
    },
  };
}
