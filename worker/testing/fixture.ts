/** Tensors that a script in worker/pytorch made with PyTorch. */
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import type { Node } from '@ncsweep/catalog/network/node';
import { parameterSpecs } from '@ncsweep/catalog/network/parameters';
import { importWeights, type Weights } from '../model/weights.ts';
import { decodeSafetensors, type NamedTensor } from '@ncsweep/protocol/safetensors';

export class Fixture {
  readonly #tensors: ReadonlyMap<string, NamedTensor>;

  constructor(name: string) {
    const bytes = readFileSync(new URL(`../pytorch/${name}.safetensors`, import.meta.url));
    this.#tensors = new Map(decodeSafetensors(bytes, name).map((tensor) => [tensor.name, tensor]));
  }

  values(name: string): Float32Array {
    const found = this.#tensors.get(name);
    if (!found) throw new Error(`the fixture has no ${name}`);
    return Float32Array.from(found.data);
  }

  shape(name: string): [number, number] {
    return this.#tensors.get(name)!.shape as [number, number];
  }

  images(name: string): tf.Tensor4D {
    return tf.tensor4d(this.values(name), this.#tensors.get(name)!.shape as [number, number, number, number]);
  }

  /** Tensors whose name starts with the group, with that prefix removed. */
  group(group: string): NamedTensor[] {
    return [...this.#tensors.values()]
      .filter(({ name }) => name.startsWith(`${group}/`))
      .map((tensor) => ({ ...tensor, name: tensor.name.slice(group.length + 1) }));
  }

  weights(group: string, nodes: readonly Node[]): Weights {
    const arrays = this.group(group).map((tensor) => ({ ...tensor, data: Float32Array.from(tensor.data) }));
    return importWeights(parameterSpecs(nodes), arrays);
  }

  labels(classes: number): tf.Tensor2D {
    return tf.cast(tf.oneHot(tf.tensor1d(this.values('labels'), 'int32'), classes), 'float32') as tf.Tensor2D;
  }
}
