/**
 * torch.optim.SGD: g += λ w; v = m v + g; w −= η v, on every parameter. On TensorFlow, where a call costs more than the arithmetic for a
 * small parameter, all parameters are updated as one flat tensor; elsewhere each is updated separately. The digits are the same.
 */
import * as tf from '@tensorflow/tfjs-core';
import { isTensorFlow } from '../backend/tensorflow-kernels.ts';
import type { ParameterSpec } from '@ncsweep/catalog/network/parameters';
import type { Weights } from '../model/weights.ts';

export interface SgdOptions {
  readonly momentum: number;
  readonly weightDecay: number;
}

/** Parameters concatenated in one flat tensor. */
type Group = readonly Pick<ParameterSpec, 'name' | 'shape'>[];

export class Sgd {
  readonly #options: SgdOptions;
  readonly #groups: readonly Group[];
  /** By group, like the velocity. */
  #weights: readonly tf.Tensor1D[];
  #velocity: readonly tf.Tensor1D[];

  /** @param parameters all trainable ones @param state is copied; without velocity it starts at zero */
  constructor(parameters: Group, options: SgdOptions, state: { readonly weights: Weights; readonly velocity?: Weights }) {
    const { weights, velocity } = state;
    this.#options = options;
    this.#groups = isTensorFlow() ? [parameters] : parameters.map((each) => [each]);
    this.#weights = this.#groups.map((group) => kept(() => pack(group, weights)));
    this.#velocity = this.#groups.map((group, i) =>
      kept(() => (velocity ? pack(group, velocity) : tf.zerosLike(this.#weights[i]!))),
    );
  }

  /** One update, inside the caller's tidy. @returns the new values of all parameters */
  step(gradients: Weights, rate: number): Weights {
    // One tensor each, shared by all parameters; a plain number would become a new tensor at every use.
    const momentum = tf.scalar(this.#options.momentum);
    const weightDecay = tf.scalar(this.#options.weightDecay);
    const stepSize = tf.scalar(rate);
    const old = [...this.#weights, ...this.#velocity];
    this.#velocity = this.#groups.map((group, i) => {
      const decayed = tf.add(pack(group, gradients), tf.mul(this.#weights[i]!, weightDecay));
      return tf.keep(tf.add<tf.Tensor1D>(tf.mul(this.#velocity[i]!, momentum), decayed));
    });
    this.#weights = this.#weights.map((w, i) => tf.keep(tf.sub<tf.Tensor1D>(w, tf.mul(this.#velocity[i]!, stepSize))));
    tf.dispose(old);
    return this.#byName(this.#weights);
  }

  /** Momentum by parameter. @returns the caller's */
  velocityByName(): Weights {
    return new Map(Object.entries(tf.tidy(() => Object.fromEntries(this.#byName(this.#velocity)))));
  }

  dispose(): void {
    tf.dispose([...this.#weights, ...this.#velocity]);
  }

  /** Must run inside a tidy. */
  #byName(flat: readonly tf.Tensor1D[]): Weights {
    return new Map(this.#groups.flatMap((group, i) => unpack(group, flat[i]!)));
  }
}

const kept = (make: () => tf.Tensor1D): tf.Tensor1D => tf.keep(tf.tidy(make));

function pack(group: Group, tensors: Weights): tf.Tensor1D {
  const [first, ...others] = group.map(({ name }) => tensors.get(name)!);
  if (others.length === 0) return tf.reshape(first!, [-1]);
  return tf.concat1d(
    [first!, ...others].map((tensor) => (tensor.rank === 1 ? (tensor as tf.Tensor1D) : tf.reshape(tensor, [-1]))),
  );
}

function unpack(group: Group, flat: tf.Tensor1D): [string, tf.Tensor][] {
  const [first, ...others] = group;
  if (others.length === 0) return [[first!.name, tf.reshape(flat, [...first!.shape])]];
  const sizes = group.map(({ shape }) => shape.reduce((a, b) => a * b, 1));
  const parts = tf.split(flat, sizes);
  return group.map(({ name, shape }, i) => [name, shape.length === 1 ? parts[i]! : tf.reshape(parts[i]!, [...shape])]);
}
