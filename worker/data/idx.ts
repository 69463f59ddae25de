/** IDX files, plain or gzipped: big-endian header (magic, counts), then bytes (LeCun, Cortes & Burges). */
import { BadDataError, type Split } from './dataset.ts';
import { fileNamed, type FileReader } from './file-reader.ts';
import { keepExamples, keptSplit } from './subset.ts';

const magics = { images: 0x00000803, labels: 0x00000801 } as const;

/** The bytes behind a checked header. @returns the number of examples too */
function decodeIdx(
  bytes: Uint8Array,
  path: string,
  kind: 'images' | 'labels',
  side: number,
): { count: number; body: Uint8Array } {
  const header = kind === 'images' ? 16 : 8;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < header || view.getUint32(0) !== magics[kind])
    throw new BadDataError(
      `${path}: no IDX header of ${kind} (magic 0x${magics[kind].toString(16).padStart(8, '0')}). Is this the right file?`,
    );
  const count = view.getUint32(4);
  if (kind === 'images' && (view.getUint32(8) !== side || view.getUint32(12) !== side))
    throw new BadDataError(`${path}: images of ${view.getUint32(8)}×${view.getUint32(12)}; expected ${side}×${side}`);
  const expected = header + count * (kind === 'images' ? side * side : 1);
  if (bytes.length !== expected)
    throw new BadDataError(
      `${path}: ${bytes.length} bytes; its header says ${count} examples, which take ${expected}. Download it again`,
    );
  return { count, body: bytes.subarray(header) };
}

export const readIdx: FileReader<'idx'> = async ({ dataset, format, params, files, read }) => {
  const classes = dataset.classes!;
  const side = dataset.side as number;
  const split = async (which: 'train' | 'test', perClass: number): Promise<Split> => {
    const imageFile = fileNamed(files, format.files[which].images);
    const labelFile = fileNamed(files, format.files[which].labels);
    const images = decodeIdx(await read(imageFile), imageFile.path, 'images', side);
    const labels = decodeIdx(await read(labelFile), labelFile.path, 'labels', side);
    if (images.count !== labels.count)
      throw new BadDataError(`${labelFile.path}: ${labels.count} labels for ${images.count} images in ${imageFile.path}`);
    const wrong = labels.body.findIndex((label) => label >= classes);
    if (wrong !== -1)
      throw new BadDataError(`${labelFile.path}: example ${wrong} has label ${labels.body[wrong]}; expected 0 to ${classes - 1}`);
    const kept = keepExamples(labels.body, params.classes, classes, perClass, `${params.name} ${which}`);
    return keptSplit(images.body, side * side, kept);
  };
  return {
    classes: params.classes.length || classes,
    train: await split('train', params.trainPerClass),
    test: await split('test', params.testPerClass),
  };
};
