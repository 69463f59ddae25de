/** The format of CIFAR-10 and CIFAR-100, binary version: records of label bytes and 3×32×32 pixel bytes (Krizhevsky 2009). */
import { BadDataError, type Split } from './dataset.ts';
import { fileNamed, type FileReader } from './file-reader.ts';
import { keepExamples, keptSplit } from './subset.ts';

const side = 32;
const plane = side * side;
const size = 3 * plane;

interface Records {
  /** Of each record; the last counts. */
  readonly labelBytes: number;
  readonly classes: number;
}

/** Planes of one image [3,32,32] → interleaved [32,32,3]. */
function interleave(planes: Uint8Array, out: Uint8Array, offset: number): void {
  for (let i = 0; i < plane; i += 1) for (let c = 0; c < 3; c += 1) out[offset + 3 * i + c] = planes[c * plane + i]!;
}

function decodeBatch(bytes: Uint8Array, path: string, format: Records): { labels: Uint8Array; pixels: Uint8Array } {
  const record = format.labelBytes + size;
  if (bytes.length === 0 || bytes.length % record !== 0)
    throw new BadDataError(
      `${path}: ${bytes.length} bytes; expected whole records of ${record} bytes. The file is truncated: download it again`,
    );
  const count = bytes.length / record;
  const labels = new Uint8Array(count);
  const pixels = new Uint8Array(count * size);
  for (let i = 0; i < count; i += 1) {
    const at = i * record + format.labelBytes;
    const label = bytes[at - 1]!;
    if (label >= format.classes)
      throw new BadDataError(
        `${path}: record ${i} has label ${label}; expected 0 to ${format.classes - 1}. Is this the binary version?`,
      );
    labels[i] = label;
    interleave(bytes.subarray(at, at + size), pixels, i * size);
  }
  return { labels, pixels };
}

export const readCifar: FileReader<'cifar'> = async ({ dataset, format, params, files, read }) => {
  const classes = dataset.classes!;
  const split = async (which: 'train' | 'test', perClass: number): Promise<Split> => {
    const batches = [];
    for (const file of format.files[which].map((name) => fileNamed(files, name)))
      batches.push(decodeBatch(await read(file), file.path, { labelBytes: format.labelBytes, classes }));
    const labels = Buffer.concat(batches.map((batch) => batch.labels));
    const kept = keepExamples(labels, params.classes, classes, perClass, `${params.name} ${which}`);
    return keptSplit(Buffer.concat(batches.map((batch) => batch.pixels)), size, kept);
  };
  return {
    classes: params.classes.length || classes,
    train: await split('train', params.trainPerClass),
    test: await split('test', params.testPerClass),
  };
};
