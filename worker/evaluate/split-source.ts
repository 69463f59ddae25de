/** A split that is evaluated in batches. */
import * as tf from '@tensorflow/tfjs-core';
import type { Split } from '../data/dataset.ts';
import type { Batch } from './measure.ts';

export interface SplitSource {
  readonly name: 'train' | 'test';
  readonly split: Split;
  readonly classes: number;
  /** [height, width, channels] */
  readonly image: readonly [number, number, number];
  readonly batchSize: number;
  readonly seed: number;
  /** Throws when the task must stop; called between batches. */
  readonly pulse: () => Promise<void>;
}

export interface IndexedBatch extends Batch {
  readonly indices: Int32Array;
}

/** Clean batches in file order; the images are disposed after each use. */
export async function eachBatch(source: SplitSource, use: (batch: IndexedBatch) => void): Promise<void> {
  const { split, batchSize, image } = source;
  for (let start = 0; start < split.count; start += batchSize) {
    await source.pulse();
    const indices = Int32Array.from({ length: Math.min(batchSize, split.count - start) }, (_, i) => start + i);
    const images = tf.tensor4d(split.images(indices), [indices.length, ...image]);
    use({ images, labels: split.labels.slice(start, start + indices.length), indices });
    images.dispose();
  }
}
