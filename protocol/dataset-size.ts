/** Size of a dataset from its params alone, before a file is read. */
import type { DatasetParams } from './params.ts';

export interface Images {
  readonly side: number;
  readonly channels: number;
  readonly classes: number;
  readonly perClass: Readonly<Record<'train' | 'test', number>>;
}

const files = {
  cifar10: { side: 32, channels: 3, classes: 10, perClass: { train: 5000, test: 1000 } },
  cifar100: { side: 32, channels: 3, classes: 100, perClass: { train: 500, test: 100 } },
  mnist: { side: 28, channels: 1, classes: 10, perClass: { train: 5000, test: 1000 } },
  imagenette: { side: 160, channels: 3, classes: 10, perClass: { train: 950, test: 390 } },
  /** Unknown before it is read; as if it were like imagenette. */
  'image-folder': { side: 160, channels: 3, classes: 10, perClass: { train: 950, test: 390 } },
} as const satisfies Record<string, Images>;

export function imagesOf(dataset: DatasetParams): Images {
  if (dataset.name === 'prototypes') {
    const perClass = { train: dataset.trainPerClass, test: dataset.testPerClass };
    return { side: dataset.imageSize, channels: 1, classes: dataset.classes, perClass };
  }
  const known = files[dataset.name];
  const kept = (limit: number, all: number): number => (limit === 0 ? all : Math.min(limit, all));
  return {
    side: 'imageSize' in dataset ? dataset.imageSize : known.side,
    channels: known.channels,
    classes: dataset.classes.length > 0 ? dataset.classes.length : known.classes,
    perClass: { train: kept(dataset.trainPerClass, known.perClass.train), test: kept(dataset.testPerClass, known.perClass.test) },
  };
}

/** Number of examples of a split; a guess where only the files would tell. */
export function exampleCount(dataset: DatasetParams, split: 'train' | 'test'): number {
  const { classes, perClass } = imagesOf(dataset);
  return classes * perClass[split];
}
