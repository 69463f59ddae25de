/** The data of a sweep as it will be used, and what a user should know about it beforehand. */
import { classCount, exampleCount, imagesOf, isMade } from '@ncsweep/catalog/datasets';
import type { Sweep } from '@ncsweep/catalog/sweep';

export interface PlannedData {
  /** The user's label. */
  readonly dataset: string;
  /** [height, width, channels] */
  readonly image: readonly [number, number, number];
  /** Undefined where only the files can tell, and nobody has looked. */
  readonly classes: number | undefined;
  /** Number of images in each split; undefined where only the files can tell, and nobody has looked. */
  readonly images: { readonly train: number; readonly test: number } | undefined;
  /** What may be unintended: images that are scaled up, files that are left out. */
  readonly notes: readonly string[];
}

const square = (side: number): string => `${side}×${side}`;

/** Warns of upscaling: interpolated pixels cost time and carry no information. */
function scalingNotes(side: number, [smallest, largest]: readonly [number, number]): string[] {
  const sizes = smallest === largest ? square(smallest) : `${square(smallest)} to ${square(largest)}`;
  return side > smallest ? [`images of ${sizes} are scaled up to ${square(side)}; imageSize chooses another size`] : [];
}

export function plannedData({ datasets, found }: Pick<Sweep, 'datasets' | 'found'>): readonly PlannedData[] {
  return datasets.map(({ name, params }) => {
    const { image } = imagesOf(params);
    const looked = found?.[params.digest];
    const isCounted = isMade(params) || looked !== undefined;
    const counts = (split: 'train' | 'test'): number => exampleCount(params, split, looked);
    const classes = classCount(params) ?? looked?.classes;
    return {
      dataset: name,
      image,
      classes,
      images: isCounted ? { train: counts('train'), test: counts('test') } : undefined,
      notes:
        looked === undefined
          ? []
          : [...scalingNotes(image[0], looked.sides), ...(looked.skipped ?? []).map((text) => `left out: ${text}`)],
    };
  });
}

/** One line per dataset. */
export function dataText({ dataset, image, classes, images }: PlannedData): string {
  const grouped = (n: number): string => n.toLocaleString('en-US');
  const parts = [
    `images of ${image.join('×')}`,
    classes === undefined ? [] : `${grouped(classes)} classes`,
    images === undefined ? [] : `${grouped(images.train)} to train, ${grouped(images.test)} to test`,
  ].flat();
  return `${dataset}: ${parts.join(', ')}`;
}
