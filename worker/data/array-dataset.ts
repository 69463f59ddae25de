/** A dataset from the array files of a task. */
import { readFile } from 'node:fs/promises';
import { sha256 } from '@ncsweep/protocol/canonical';
import type { ArrayFile, TaskDocument } from '@ncsweep/protocol/compute/task-document';
import { checkNpyLength, decodeNpyHeader } from '@ncsweep/protocol/npy';
import { BadDataError, splitInMemory, type Dataset, type Split } from './dataset.ts';

const views = { uint8: Uint8Array, float32: Float32Array, int32: Int32Array } as const;
type Arrays = { readonly [T in keyof typeof views]: InstanceType<(typeof views)[T]> };

/** The numbers of a file, without a copy. @throws BadDataError unless it is what the task says */
async function readArray<T extends keyof Arrays>(file: ArrayFile, types: readonly T[]): Promise<Arrays[T]> {
  const bytes = await readFile(file.path).catch((cause: unknown) => {
    throw new BadDataError(`${file.path}: it cannot be read; expected an array of the task's dataset`, { cause });
  });
  if (sha256(bytes) !== file.sha256) throw new BadDataError(`${file.path}: its content is not what the task says`);
  const header = decodeNpyHeader(bytes, file.path);
  checkNpyLength(header, bytes.length, file.path);
  const type = types.find((each) => each === header.type);
  if (type === undefined || header.type !== file.dtype || header.swapped || header.shape.join() !== file.shape.join())
    throw new BadDataError(
      `${file.path}: ${header.type} (${header.shape.join(', ')}); the task says ${file.dtype} (${file.shape.join(', ')})`,
    );
  const length = (bytes.length - header.offset) / header.bytesPerElement;
  return new views[type](bytes.buffer as ArrayBuffer, bytes.byteOffset + header.offset, length) as Arrays[T];
}

type SplitDocument = TaskDocument['data']['train'];

async function readSplit(
  { count, images, labels, sideLabels = {} }: SplitDocument,
  image: readonly number[],
  classes: number,
): Promise<Split> {
  if (images.shape.join() !== [count, ...image].join())
    throw new BadDataError(
      `${images.path}: images of shape (${images.shape.join(', ')}) where the task has ${count} of ${image.join('×')}`,
    );
  const given = await readArray(labels, ['int32']);
  const wrong = given.find((label) => label < 0 || label >= classes);
  if (wrong !== undefined || given.length !== count)
    throw new BadDataError(
      `${labels.path}: ${given.length} labels, one of them ${wrong ?? 'missing'}; expected ${count} of 0 to ${classes - 1}`,
    );
  const split = splitInMemory(await readArray(images, ['uint8', 'float32']), given);
  const beside = await Promise.all(
    Object.entries(sideLabels).map(async ([name, file]) => [name, await readArray(file, ['int32'])] as const),
  );
  return beside.length === 0 ? split : { ...split, sideLabels: Object.fromEntries(beside) };
}

/** The last dataset read; consecutive tasks of a worker mostly share it. */
let last: { readonly key: string; readonly dataset: Dataset } | undefined;

/** @throws BadDataError */
export async function arrayDataset({ key, classes, image, train, test }: TaskDocument['data']): Promise<Dataset> {
  if (last?.key === key) return last.dataset;
  const dataset = {
    classes,
    image,
    train: await readSplit(train, image, classes),
    test: await readSplit(test, image, classes),
  };
  last = { key, dataset };
  return dataset;
}
