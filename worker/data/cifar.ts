/** CIFAR-10 and CIFAR-100, binary version; the planes of a record become channels. */
import { cifarLabels, cifarPixels } from '@ncsweep/catalog/datasets/cifar-records';
import type { Split } from './dataset.ts';
import { fileNamed, type FileReader } from './file-reader.ts';
import { keepExamples, keptSplit } from './subset.ts';

const plane = cifarPixels / 3;

/** Planes of one image [3,32,32] → interleaved [32,32,3]. */
function interleave(planes: Uint8Array, out: Uint8Array, offset: number): void {
  for (let i = 0; i < plane; i += 1) for (let c = 0; c < 3; c += 1) out[offset + 3 * i + c] = planes[c * plane + i]!;
}

function pixelsOf(bytes: Uint8Array, count: number, labelBytes: number): Uint8Array {
  const pixels = new Uint8Array(count * cifarPixels);
  const record = labelBytes + cifarPixels;
  for (let i = 0; i < count; i += 1)
    interleave(bytes.subarray(i * record + labelBytes, (i + 1) * record), pixels, i * cifarPixels);
  return pixels;
}

export const readCifar: FileReader<'cifar'> = async ({ dataset, format, params, files, read }) => {
  const classes = dataset.classes!;
  const split = async (which: 'train' | 'test', perClass: number): Promise<Split> => {
    const batches = [];
    for (const file of format.files[which].map((name) => fileNamed(files, name))) {
      const bytes = await read(file);
      const labels = cifarLabels(bytes, file.path, { labelBytes: format.labelBytes, classes });
      batches.push({ labels, pixels: pixelsOf(bytes, labels.length, format.labelBytes) });
    }
    const labels = Buffer.concat(batches.map((batch) => batch.labels));
    const kept = keepExamples(labels, params.classes, classes, perClass, `${params.name} ${which}`);
    return keptSplit(Buffer.concat(batches.map((batch) => batch.pixels)), cifarPixels, kept);
  };
  return {
    classes: params.classes.length || classes,
    train: await split('train', params.trainPerClass),
    test: await split('test', params.testPerClass),
  };
};
