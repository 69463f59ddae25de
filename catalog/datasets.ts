/** The datasets, and what planning knows about their images without opening them. */
import { digestOf } from '@ncsweep/protocol/canonical';
import type { Examiner, FoundData } from '@ncsweep/protocol/found-data';
import type { ExpectedFiles } from '@ncsweep/protocol/store/dataset-files';
import { z } from 'zod';
import { scienceVersions } from './science-versions.ts';
import { cifar10 } from './datasets/cifar10.ts';
import { arrays } from './datasets/arrays.ts';
import { examineArrays } from './datasets/array-files.ts';
import { examineCifar } from './datasets/cifar-records.ts';
import { cifar100 } from './datasets/cifar100.ts';
import { imageSize, type FileDataset, type Images, type MadeDataset, type Normalisation } from './datasets/dataset.ts';
import { examineIdx } from './datasets/idx-file.ts';
import { layoutOf } from './datasets/file-format.ts';
import { imageFolder } from './datasets/image-folder.ts';
import { imageParquet } from './datasets/image-parquet.ts';
import { imagenette } from './datasets/imagenette.ts';
import { mnist } from './datasets/mnist.ts';
import { moons } from './datasets/moons.ts';
import { nonlinearGaussianProcess } from './datasets/nonlinear-gaussian-process.ts';
import { prototypes } from './datasets/prototypes.ts';
import type { Fields, Values } from './fields.ts';
import { byName, paramsShape, paramsUnion, type ByName, type ParamsOf } from './part.ts';
import type { PartKind } from './part-kind.ts';

const made = [prototypes, moons, nonlinearGaussianProcess] as const;
const inFiles = [cifar10, cifar100, mnist, imagenette, imageFolder, imageParquet, arrays] as const;

export const madeDatasets: ByName<typeof made> = byName(made);
export const fileDatasets: ByName<typeof inFiles> = byName(inFiles);
export const datasets = { ...madeDatasets, ...fileDatasets };

export const datasetKind = { title: 'dataset', key: 'name', parts: datasets } as const satisfies PartKind;

export type MadeDatasetName = keyof typeof madeDatasets;
export type FileDatasetName = keyof typeof fileDatasets;
export type DatasetName = MadeDatasetName | FileDatasetName;
export const fileDatasetNames = Object.keys(fileDatasets) as FileDatasetName[];

type WithDigest = Readonly<Record<'digest', string>>;

/** Which examples of a file dataset are kept, as they enter ids. */
type Subset = WithDigest & {
  /** Original label values to keep, ascending, renumbered 0..K-1; empty keeps all. */
  readonly classes: readonly number[];
  /** Number of examples to keep per class, the first in file order; 0 keeps all. */
  readonly trainPerClass: number;
  readonly testPerClass: number;
};

type Made<N extends MadeDatasetName = MadeDatasetName> = (typeof madeDatasets)[N];
export type MadeParams<N extends MadeDatasetName = MadeDatasetName> = {
  [K in N]: Made<K> extends MadeDataset<infer Name, infer F> ? ParamsOf<'name', Name, F, WithDigest> : never;
}[N];

export type FileParams<N extends FileDatasetName = FileDatasetName> = {
  [K in N]: (typeof fileDatasets)[K] extends FileDataset<infer Name, infer Side>
    ? Subset & { readonly name: Name } & (Side extends 'chosen'
          ? { readonly imageSize: number }
          : Side extends 'own'
            ? { readonly shape: Images['image'] }
            : unknown)
    : never;
}[N];

export type DatasetParams = MadeParams | FileParams;

const sha = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().min(0);

const madeShape = (part: MadeDataset): z.ZodRawShape => ({ ...paramsShape('name', part), digest: sha });

const fileShape = ({ name, side }: FileDataset): z.ZodRawShape => ({
  name: z.literal(name),
  digest: sha,
  classes: z.array(count),
  trainPerClass: count,
  testPerClass: count,
  ...(side === 'chosen' ? { imageSize: count.min(1) } : {}),
  ...(side === 'own' ? { shape: z.tuple([count.min(1), count.min(1), count.min(1)]) } : {}),
});

export const datasetParams = paramsUnion<DatasetParams>('name', [
  ...Object.values<MadeDataset>(madeDatasets).map(madeShape),
  ...Object.values<FileDataset>(fileDatasets).map(fileShape),
]);

export const isMadeName = (name: DatasetName): name is MadeDatasetName => name in madeDatasets;
export const isMade = (params: DatasetParams): params is MadeParams => isMadeName(params.name);

/** Called with the params of that same dataset, which the compiler cannot check. */
const imagesOfMade = (params: MadeParams): Images => (madeDatasets[params.name] as MadeDataset).imagesOf(params);

/** A dataset by its params, whatever its fields. */
export const datasetOf = ({ name }: Pick<DatasetParams, 'name'>): MadeDataset | FileDataset => datasets[name];

/** Digest of a made dataset, over its parameters and the version of its generator. */
export const madeDatasetDigest = (params: Omit<MadeParams, 'digest'>): string =>
  digestOf({ params, version: scienceVersions.data });

/** Params of a made dataset from the values of its fields. */
export function asMadeParams({ name }: MadeDataset, values: Values<Fields>): MadeParams {
  const params = { name, ...values } as unknown as Omit<MadeParams, 'digest'>;
  return { ...params, digest: madeDatasetDigest(params) } as MadeParams;
}

/**
 * Params of a dataset in files from the values of its fields.
 * @param digest of the files
 * @param found in the files, if they were examined
 */
export function asFileParams(
  { name, side, standardSide, channels }: FileDataset,
  values: Values<FileDataset['fields']>,
  digest: string,
  found: FoundData | undefined,
): FileParams {
  const { onlyClasses = [], trainPerClass, testPerClass, imageSize = ownSide(found) ?? standardSide } = values;
  const subset = { digest, classes: [...onlyClasses].sort((a, b) => a - b), trainPerClass, testPerClass };
  const shape = found?.shape ?? [standardSide, standardSide, channels];
  const size = side === 'chosen' ? { imageSize } : side === 'own' ? { shape } : {};
  return { name, ...size, ...subset } as FileParams;
}

/** The size of images that share a single square one, which is then the best choice. */
const ownSide = (found: FoundData | undefined): number | undefined =>
  found !== undefined && found.sides[0] === found.sides[1] && imageSize(0).safeParse(found.sides[0]).success
    ? found.sides[0]
    : undefined;

/** Assumed number of classes where only the files give it, as for imagenette. */
const likelyClasses = 10;

/** Number of classes; undefined where only the files give it. */
export function classCount(params: DatasetParams): number | undefined {
  if (isMade(params)) return imagesOfMade(params).classes;
  return params.classes.length > 0 ? params.classes.length : fileDatasets[params.name].classes;
}

/** Mean and standard deviation of each channel; a single value in a part applies to all channels. */
export function normalisationOf(params: DatasetParams): Normalisation {
  const { mean, std } = datasetOf(params).normalisation;
  const channels = imagesOf(params).image[2];
  const each = (values: readonly number[]): number[] => Array.from({ length: channels }, (_, i) => values[i] ?? values[0]!);
  return { mean: each(mean), std: each(std) };
}

/** What the images are, as far as params determine it; for datasets in files, counts are the dataset's known ones. */
export function imagesOf(params: DatasetParams): Images {
  if (isMade(params)) return imagesOfMade(params);
  const { side, channels, perClass }: FileDataset = fileDatasets[params.name];
  const square = 'imageSize' in params ? params.imageSize : Number(side);
  const kept = (limit: number, all: number): number => (limit === 0 ? all : Math.min(limit, all));
  return {
    image: 'shape' in params ? params.shape : [square, square, channels],
    classes: classCount(params) ?? likelyClasses,
    perClass: { train: kept(params.trainPerClass, perClass.train), test: kept(params.testPerClass, perClass.test) },
  };
}

/** The examiner of a dataset's files. What reads images and tables is large, and most sweeps have none. */
async function examinerOf({ format, classes = 0, side }: FileDataset): Promise<Examiner> {
  switch (format.kind) {
    case 'cifar':
      return examineCifar(format, classes);
    case 'idx':
      return examineIdx(format, classes, Number(side));
    case 'class-folders':
      return (await import('./datasets/examine-folders.ts')).examineFolders();
    case 'parquet':
      return (await import('./datasets/examine-parquet.ts')).examineParquet();
    case 'arrays':
      return examineArrays();
    default:
      return format satisfies never;
  }
}

/** The files that make up a dataset on a machine. */
export const expectedFiles = (name: FileDatasetName): ExpectedFiles => {
  const dataset: FileDataset = fileDatasets[name];
  return { layout: layoutOf(dataset), looks: dataset.looks, examine: () => examinerOf(dataset) };
};

/** Number of examples of minority classes in a split; 0 where a dataset has none. */
export function minorityCount(params: DatasetParams, split: 'train' | 'test'): number {
  const { perClass, minority } = imagesOf(params);
  return minority === undefined ? 0 : minority.classes.length * (split === 'train' ? minority.trainPerClass : perClass.test);
}

/** Number of examples of a split; a guess where only unexamined files would give it. */
export function exampleCount(params: DatasetParams, split: 'train' | 'test', found?: FoundData): number {
  const { classes, perClass, minority } = imagesOf(params);
  const few = minority?.classes.length ?? 0;
  if (isMade(params) || found === undefined) return (classes - few) * perClass[split] + minorityCount(params, split);
  const kept = params.classes.length > 0 ? params.classes.length / found.classes : 1;
  const limit = split === 'train' ? params.trainPerClass : params.testPerClass;
  const most = limit === 0 ? Infinity : limit * kept * found.classes;
  return Math.min(Math.round(found[split] * kept), most);
}
