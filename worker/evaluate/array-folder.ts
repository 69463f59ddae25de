/**
 * The arrays of one evaluation as .npy files (catalog/cell-arrays.ts). What is written is also what is measured: images and features pass
 * through their files, batch by batch, so that numbers that agree with the stored ones vouch for the files.
 */
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { argmaxRows } from '@ncsweep/collapse/classifier';
import { viewKey, type View } from '@ncsweep/catalog/views';
import { arrayFiles } from '@ncsweep/catalog/cell-arrays';
import type { Batches, FeatureBatches } from './measure.ts';
import { NpyFile } from './npy-file.ts';
import type { SplitSource } from './split-source.ts';

/**
 * The path from images to what the network computes from them.
 * @param features of the network @param views to measure @param head under whose name arrays are written, where each head has its own; all
 * views then have its features
 */
export type Through = (
  images: Batches,
  features: (images: Batches) => FeatureBatches,
  views: readonly View[],
  head?: View,
) => Promise<FeatureBatches>;

/** Without files. */
export const straight: Through = (images, features) => Promise.resolve(features(images));

export class ArrayFolder {
  readonly #folder: string;
  readonly #features: readonly string[];
  readonly #source: SplitSource;
  readonly #open: { close(): void }[] = [];
  readonly #labels: NpyFile<'int32'>;

  /** @param features keys of the views whose features are written @param source of the images whose evaluation is written */
  constructor(folder: string, features: readonly string[], source: SplitSource) {
    this.#folder = folder;
    this.#features = features;
    this.#source = source;
    this.#labels = this.#create(arrayFiles.labels, 'int32', [source.split.count]);
    this.#labels.append(source.split.labels);
    this.#labels.finish();
  }

  /** Passes through the files: images are made once, and if any features are written, only those can be requested. */
  readonly through: Through = async (images, features, views, head) => {
    const made = features(await this.#writeImages(images, head));
    const written = views.filter((view) => this.#features.includes(viewKey(view)));
    return written.length === 0 ? made : this.#writeFeatures(made, head ? [head] : written, head);
  };

  /** Closes the files; they are kept. */
  close(): void {
    for (const file of this.#open.splice(0)) file.close();
  }

  async #writeImages(batches: Batches, head?: View): Promise<Batches> {
    const { image, split } = this.#source;
    const file = this.#create(arrayFiles.images(head), 'float32', [split.count, ...image]);
    await batches(({ images }) => file.append(images.dataSync<'float32'>()));
    file.finish();
    return (use) =>
      this.#eachBatch((from, to) => {
        const images = tf.tensor4d(file.read(from, to), [to - from, ...image]);
        use({ images, labels: this.#labels.read(from, to) });
        images.dispose();
      });
  }

  async #writeFeatures(batches: FeatureBatches, views: readonly View[], head?: View): Promise<FeatureBatches> {
    const { count } = this.#source.split;
    const files = new Map<string, NpyFile<'float32'>>();
    const append = (name: string, values: Float32Array, rows: number): void => {
      const file = files.get(name) ?? this.#create(name, 'float32', [count, values.length / rows]);
      files.set(name, file);
      file.append(values);
    };
    await batches(({ labels, logits, features }) => {
      for (const view of views) append(arrayFiles.features(view), features(view), labels.length);
      append(arrayFiles.logits(head), logits, labels.length);
    });
    for (const file of files.values()) file.finish();
    return (use) =>
      this.#eachBatch((from, to) => {
        const logits = files.get(arrayFiles.logits(head))!.read(from, to);
        use({
          labels: this.#labels.read(from, to),
          logits,
          predictions: argmaxRows(logits, logits.length / (to - from)),
          features: (view) => files.get(arrayFiles.features(head ?? view))!.read(from, to),
        });
      });
  }

  /** Uses the same batches as the evaluation. */
  async #eachBatch(use: (from: number, to: number) => void): Promise<void> {
    const { split, batchSize, pulse } = this.#source;
    for (let from = 0; from < split.count; from += batchSize) {
      await pulse();
      use(from, Math.min(from + batchSize, split.count));
    }
  }

  #create<T extends 'float32' | 'int32'>(name: string, type: T, shape: readonly number[]): NpyFile<T> {
    const file = new NpyFile(join(this.#folder, name), type, shape);
    this.#open.push(file);
    return file;
  }
}
