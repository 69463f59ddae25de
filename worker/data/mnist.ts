/** MNIST in IDX files, plain or gzipped: big-endian header (magic, counts), then bytes (LeCun, Cortes & Burges). */
import type { DatasetFile } from '@ncsweep/protocol/store/dataset-files';
import { BadDataError, type Dataset, type Split } from './dataset.ts';
import { normalisation } from './normalisation.ts';
import { type FileParams, keepExamples, keptSplit } from './subset.ts';

const side = 28;
const classes = 10;
const magics = { images: 0x00000803, labels: 0x00000801 } as const;

type Read = (file: DatasetFile) => Promise<Uint8Array>;

/** The bytes behind a checked header. @returns the number of examples too */
function decodeIdx(bytes: Uint8Array, path: string, kind: 'images' | 'labels'): { count: number; body: Uint8Array } {
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

export async function openMnist(params: FileParams, files: readonly DatasetFile[], read: Read): Promise<Dataset> {
  const split = async (prefix: string, perClass: number): Promise<Split> => {
    const fileOf = (kind: string): DatasetFile => files.find(({ name }) => name.startsWith(`${prefix}-${kind}`))!;
    const [imageFile, labelFile] = [fileOf('images'), fileOf('labels')];
    const images = decodeIdx(await read(imageFile), imageFile.path, 'images');
    const labels = decodeIdx(await read(labelFile), labelFile.path, 'labels');
    if (images.count !== labels.count)
      throw new BadDataError(`${labelFile.path}: ${labels.count} labels for ${images.count} images in ${imageFile.path}`);
    const wrong = labels.body.findIndex((label) => label >= classes);
    if (wrong !== -1)
      throw new BadDataError(`${labelFile.path}: example ${wrong} has label ${labels.body[wrong]}; expected 0 to 9`);
    return keptSplit(images.body, side * side, keepExamples(labels.body, params.classes, classes, perClass, `mnist ${prefix}`));
  };
  return {
    classes: params.classes.length || classes,
    image: [side, side, 1],
    normalisation: normalisation.mnist,
    train: await split('train', params.trainPerClass),
    test: await split('t10k', params.testPerClass),
  };
}
