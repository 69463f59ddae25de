/** A dataset as the worker sees it, wherever it comes from. */
import type { MadeDatasetName, MadeParams } from '@ncsweep/catalog/datasets';
import type { SideLabel } from '@ncsweep/catalog/side-labels';

export type SideLabels = Readonly<Partial<Record<SideLabel, Int32Array>>>;

export interface Split {
  readonly count: number;
  /** 0..K-1 [count] */
  readonly labels: Int32Array;
  /** Labels beside the class, under the names that the catalog gives for the dataset; from 0 [count]. */
  readonly sideLabels?: SideLabels;
  /** [count,H,W,C] in [0,1], or bytes 0..255 */
  readonly pixels: Float32Array | Uint8Array;
  /** Pixels in [0,1] of the requested examples [B,H,W,C]. */
  readonly images: (indices: Int32Array) => Float32Array;
}

export interface Dataset {
  readonly classes: number;
  /** [height, width, channels] */
  readonly image: readonly [number, number, number];
  readonly train: Split;
  readonly test: Split;
}

/** Generates a dataset; every draw is a function of seed, purpose and sample index. */
export type Generator<N extends MadeDatasetName> = (params: MadeParams<N>, seed: number) => Pick<Dataset, 'train' | 'test'>;

/** Thrown when a dataset's files are missing, truncated or wrong; the message names the file, what was expected, and the remedy. */
export class BadDataError extends Error {
  override readonly name = 'BadDataError';
}

/** A split whose pixels are in memory. @param pixels [count,H,W,C] in [0,1], or bytes 0..255 */
export function splitInMemory(pixels: Float32Array | Uint8Array, labels: Int32Array): Split {
  const size = pixels.length / Math.max(1, labels.length);
  const scale = pixels instanceof Uint8Array ? 1 / 255 : 1;
  return {
    count: labels.length,
    labels,
    pixels,
    images: (indices) => {
      const out = new Float32Array(indices.length * size);
      indices.forEach((index, i) => {
        for (let j = 0; j < size; j++) out[i * size + j] = pixels[index * size + j]! * scale;
      });
      return out;
    },
  };
}
