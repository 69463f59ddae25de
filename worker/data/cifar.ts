/** CIFAR-10 and CIFAR-100, binary version: records of label bytes and 3×32×32 pixel bytes (Krizhevsky 2009). CIFAR-100's fine labels. */
import type { DatasetFile } from '@ncsweep/protocol/store/dataset-files';
import { BadDataError, type Dataset, type Split } from './dataset.ts';
import { normalisation } from './normalisation.ts';
import { type FileParams, keepExamples, keptSplit } from './subset.ts';

const side = 32;
const plane = side * side;
const size = 3 * plane;

const formats = {
  cifar10: { classes: 10, labelBytes: 1, train: /^data_batch_/, test: /^test_batch/ },
  cifar100: { classes: 100, labelBytes: 2, train: /^train/, test: /^test/ },
} as const;

type Read = (file: DatasetFile) => Promise<Uint8Array>;

/** Planes of one image [3,32,32] → interleaved [32,32,3]. */
function interleave(planes: Uint8Array, out: Uint8Array, offset: number): void {
  for (let i = 0; i < plane; i += 1) for (let c = 0; c < 3; c += 1) out[offset + 3 * i + c] = planes[c * plane + i]!;
}

function decodeBatch(
  bytes: Uint8Array,
  path: string,
  format: (typeof formats)['cifar10' | 'cifar100'],
): { labels: Uint8Array; pixels: Uint8Array } {
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

export async function openCifar(
  params: FileParams & { readonly name: 'cifar10' | 'cifar100' },
  files: readonly DatasetFile[],
  read: Read,
): Promise<Dataset> {
  const format = formats[params.name];
  const split = async (which: 'train' | 'test', perClass: number): Promise<Split> => {
    const batches = [];
    for (const file of files.filter(({ name }) => format[which].test(name)))
      batches.push(decodeBatch(await read(file), file.path, format));
    const labels = Buffer.concat(batches.map((batch) => batch.labels));
    const kept = keepExamples(labels, params.classes, format.classes, perClass, `${params.name} ${which}`);
    return keptSplit(Buffer.concat(batches.map((batch) => batch.pixels)), size, kept);
  };
  return {
    classes: params.classes.length || format.classes,
    image: [side, side, 3],
    normalisation: normalisation[params.name],
    train: await split('train', params.trainPerClass),
    test: await split('test', params.testPerClass),
  };
}
