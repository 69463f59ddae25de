/** What a dataset is: made from its fields and a seed, or read from files of a known format. */
import { z } from 'zod';
import type { Fields, Values } from '../fields.ts';
import type { Part } from '../part.ts';
import type { SideLabel } from '../side-labels.ts';
import type { FileFormat } from './file-format.ts';

export interface Minority {
  readonly classes: readonly number[];
  readonly trainPerClass: number;
}

/** What is known about the images before any is made or read. */
export interface Images {
  /** [height, width, channels] */
  readonly image: readonly [number, number, number];
  readonly classes: number;
  readonly perClass: Readonly<Record<'train' | 'test', number>>;
  /** Classes with fewer training images, or that are called so for comparison with data where they have; default none. */
  readonly minority?: Minority;
  /** Labels that each example has besides its class; default none. */
  readonly sideLabels?: readonly SideLabel[];
}

/** Per-channel mean and standard deviation of pixels in [0,1]: normalising by these is the network's first operation. */
export interface Normalisation {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

interface AnyDataset<Name extends string, F extends Fields> extends Part<Name, F> {
  readonly normalisation: Normalisation;
}

/** A dataset that the worker generates; its generator is registered there. */
export interface MadeDataset<Name extends string = string, F extends Fields = Fields> extends AnyDataset<Name, F> {
  readonly from: 'parameters';
  /** Upper bounds of fields in a smoke run. */
  readonly smoke: { readonly [K in keyof F]?: number };
  imagesOf(values: Values<F>): Images;
}

/** A dataset in files. */
export interface FileDataset<
  Name extends string = string,
  Side extends number | 'chosen' | 'own' = number | 'chosen' | 'own',
> extends AnyDataset<Name, FileFields> {
  readonly from: 'files';
  readonly format: FileFormat;
  /** How the files look, for messages. */
  readonly looks: string;
  /** Undefined where only the files give it. */
  readonly classes: number | undefined;
  /** Side of the square images in pixels. `chosen`: images are scaled to `imageSize`; `own`: only the files give it and the channels. */
  readonly side: Side;
  /** Side used if the sweep does not set one and images have no size to keep. */
  readonly standardSide: number;
  /** Whether images that all have the same size keep it if the sweep does not set one. */
  readonly keepsSize: boolean;
  /** A guess where the side is `own`. */
  readonly channels: number;
  /** Approximate number of images per class. */
  readonly perClass: Readonly<Record<'train' | 'test', number>>;
}

const anyImageSize = z.int().min(4).max(512);

export const imageSize = (standard: number) => anyImageSize.default(standard).describe('Side of the square images in pixels');

/** The field `imageSize` of images that may have a size of their own. */
const ownImageSize = (standard: number) =>
  anyImageSize
    .optional()
    .describe(
      `Side in pixels to which the centre square of each image is scaled. Default: the images' own side if all have the same, otherwise ${standard}`,
    );

const noImageSize = anyImageSize.optional().describe('none: images keep their size');

/** Number of images per class. */
export const perClass = (standard: number) => z.int().min(0).max(1_000_000).default(standard);

const sourceFields = {
  path: z.string().min(1).max(1024).optional().describe('Folder of the files, relative to this sweep file'),
  digest: z
    .string()
    .regex(/^[0-9a-f]{64}$/, { error: '64 hexadecimal digits, as `ncsweep dataset digest` prints them' })
    .max(64)
    .optional()
    .describe('Content digest, from `ncsweep dataset digest`; checked before use'),
  pushed: z
    .string()
    .max(63)
    .regex(/^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/, {
      error: 'a name of at most 63 letters, digits, ".", "_" or "-", such as "pgd10"',
    })
    .optional()
    .describe('Name of the dataset in the store (`ncsweep dataset push`)'),
  volume: z
    .strictObject({
      claimName: z
        .string()
        .max(253)
        .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, { error: 'the name of a PersistentVolumeClaim' })
        .describe('Name of the claim, in the namespace of the Sweep'),
      subPath: z
        .string()
        .max(1024)
        .regex(/^[^/]+(\/[^/]+)*$/, { error: 'a folder inside the volume, such as "data/cifar10"' })
        .optional()
        .describe('Folder inside the volume; default its root'),
    })
    .optional()
    .describe('On a cluster: PersistentVolumeClaim with the files, mounted read-only; needs digest'),
};

interface FileDefaults {
  readonly side: z.ZodType<number | undefined, number | undefined>;
  readonly trainPerClass?: number;
}

const fileFields = ({ side, trainPerClass = 0 }: FileDefaults) => ({
  ...sourceFields,
  imageSize: side,
  trainPerClass: perClass(trainPerClass).describe('Training images to keep per class, the first in file order; 0 keeps all'),
  testPerClass: perClass(0).describe('Test images to keep per class; 0 keeps all'),
  onlyClasses: z
    .array(z.int().min(0).max(9999))
    .min(1)
    .max(1000)
    .optional()
    .describe('Original labels to keep; they are renumbered from 0 in ascending order'),
});
type FileFields = ReturnType<typeof fileFields>;

const noFiles = 'it is generated and has no files';

export const defineMadeDataset = <const Name extends string, F extends Fields>(
  part: Omit<MadeDataset<Name, F>, 'from' | 'science'> & { readonly science?: number },
): MadeDataset<Name, F> => ({
  science: 1,
  ...part,
  from: 'parameters',
  family: 'generated data',
  lacks: { path: noFiles, digest: noFiles, pushed: noFiles, volume: noFiles, onlyClasses: noFiles, ...part.lacks },
});

type Given<Name extends string, Side extends number | 'chosen' | 'own'> = Omit<
  FileDataset<Name, Side>,
  keyof Part | 'from' | 'standardSide' | 'keepsSize'
> & {
  readonly name: Name;
  readonly summary: string;
  readonly science?: number;
  /** Images kept per class if the sweep does not say; default: all. */
  readonly trainPerClass?: number;
  /** Whether photographs that all have the same size keep it if the sweep does not set one. */
  readonly keepsSize?: boolean;
};

/** Side to which photographs are scaled if the sweep does not set one. */
const photographSide = 160;
/** Assumed side of images that were not examined. */
const likelySide = 32;

/** A dataset in files of a known format. */
export function defineFileDataset<const Name extends string, const Side extends number | 'chosen' | 'own'>({
  trainPerClass = 0,
  keepsSize = false,
  ...part
}: Given<Name, Side>): FileDataset<Name, Side> {
  const { name, side, classes = Infinity } = part;
  const standardSide: number = side === 'chosen' ? photographSide : side === 'own' ? likelySide : side;
  return {
    science: 1,
    ...part,
    standardSide,
    keepsSize: keepsSize || side === 'own',
    from: 'files',
    family: 'data in files',
    fields: fileFields({
      side: side === 'own' ? noImageSize : keepsSize ? ownImageSize(standardSide) : imageSize(standardSide),
      trainPerClass,
    }),
    lacks: { classes: `its classes are fixed; onlyClasses selects some of them` },
    check: ({ onlyClasses = [], imageSize: asked, volume, digest }, refuse) => {
      onlyClasses.forEach((label, i) => {
        if (label >= classes)
          refuse(['onlyClasses', i], `a label of ${name}: 0 to ${classes - 1}`, 'remove it, or write another label');
        if (onlyClasses.indexOf(label) < i) refuse(['onlyClasses', i], 'each label once', 'remove the second one');
      });
      if (onlyClasses.length === 1)
        refuse(['onlyClasses'], 'at least two classes, because collapse compares classes', 'add another label');
      if (side === 'own' && asked !== undefined)
        refuse(['imageSize'], `none: images of ${name} keep their size`, 'remove imageSize');
      if (typeof side === 'number' && asked !== side)
        refuse(['imageSize'], `${side}, the size of ${name}'s images`, 'remove imageSize');
      if (volume !== undefined && digest === undefined)
        refuse(
          ['volume'],
          'a digest beside it: files in a volume are checked before use',
          'add digest: `ncsweep dataset digest`',
        );
      if (volume?.subPath?.split('/').includes('..') === true)
        refuse(['volume', 'subPath'], 'a folder inside the volume', 'write it without ".."');
    },
  };
}
