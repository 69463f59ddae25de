/** Images and labels in IDX files, plain or gzipped. */
import { readIdxFile } from '@ncsweep/catalog/datasets/idx-file';
import type { Split } from './dataset.ts';
import { fileNamed, type FileReader } from './file-reader.ts';
import { keepExamples, keptSplit } from './subset.ts';

export const readIdx: FileReader<'idx'> = async ({ dataset, format, params, files, read }) => {
  const classes = dataset.classes!;
  const side = dataset.side as number;
  const split = async (which: 'train' | 'test', perClass: number): Promise<Split> => {
    const imageFile = fileNamed(files, format.files[which].images);
    const labelFile = fileNamed(files, format.files[which].labels);
    const images = readIdxFile(await read(imageFile), 3, imageFile.path);
    const labels = readIdxFile(await read(labelFile), 1, labelFile.path);
    const kept = keepExamples(labels.body, params.classes, classes, perClass, `${params.name} ${which}`);
    return keptSplit(images.body, side * side, kept);
  };
  return {
    classes: params.classes.length || classes,
    train: await split('train', params.trainPerClass),
    test: await split('test', params.testPerClass),
  };
};
