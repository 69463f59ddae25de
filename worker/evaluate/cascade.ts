/** The later stages of an attack, on the examples that the earlier ones left right. */
import * as tf from '@tensorflow/tfjs-core';
import { encodeSafetensors } from '@ncsweep/protocol/safetensors';
import type { AttackedBatch, Stage } from '../attack/attack-kernel.ts';
import type { IndexedBatch, SplitSource } from './split-source.ts';

/** The examples that stand are gathered into batches of one size, the last one filled up with copies, so that rounding stays the same. */
export async function cascade(
  stages: readonly Stage[],
  source: SplitSource,
  attacked: (batch: IndexedBatch) => AttackedBatch,
  fallen: Uint8Array,
): Promise<void> {
  const { split, batchSize, image, pulse } = source;
  const size = Math.min(batchSize, split.count);
  for (const stage of stages) {
    const standing = Int32Array.from(fallen.keys()).filter((i) => fallen[i] === 0);
    for (let from = 0; from < standing.length; from += size) {
      await pulse();
      const indices = Int32Array.from({ length: size }, (_, i) => standing[Math.min(from + i, standing.length - 1)]!);
      const images = tf.tensor4d(split.images(indices), [size, ...image]);
      const found = stage(attacked({ images, indices, labels: indices.map((i) => split.labels[i]!) }));
      indices.forEach((index, i) => (fallen[index]! |= found[i]!));
      images.dispose();
    }
  }
}

/** 1 for each example of the split that stands, in its order, float32 [N]. */
export const encodeStanding = (standing: Uint8Array): Uint8Array =>
  encodeSafetensors([{ name: 'standing', shape: [standing.length], data: Float32Array.from(standing) }]);
