/** Whether a GPU rounds float32 to TF32, by what products give: settings say what was asked for. */
import * as tf from '@tensorflow/tfjs-core';

/** Its last bit is the 12th after the point: float32 has 23 of them, TF32 has 10. */
const fine = 1 + 2 ** -12;
const size = 256;

interface Tf32Use {
  readonly products: boolean;
  readonly convolutions: boolean;
}

/** A product and a convolution that only copy their input. @throws Error when they give neither it nor what TF32 keeps of it */
export function tf32Use(): Tf32Use {
  return tf.tidy(() => ({
    products: isRounded('a matrix product', tf.matMul(tf.fill([size, size], fine), tf.eye(size))),
    convolutions: isRounded('a convolution', convolution()),
  }));
}

function convolution(): tf.Tensor {
  const centre: tf.Tensor4D = tf.reshape(tf.eye(64), [1, 1, 64, 64]);
  const kernel: tf.Tensor4D = tf.pad(centre, [
    [1, 1],
    [1, 1],
    [0, 0],
    [0, 0],
  ]);
  return tf.conv2d(tf.fill<tf.Rank.R4>([8, 16, 16, 64], fine), kernel, 1, 'same');
}

function isRounded(what: string, copy: tf.Tensor): boolean {
  const values = copy.dataSync<'float32'>();
  const far = (from: number): number => values.reduce((worst, value) => Math.max(worst, Math.abs(value - from)), 0);
  const half = 2 ** -13;
  if (far(fine) < half) return false;
  if (far(1) < half) return true;
  throw new Error(`${what} of ${fine} with the identity gives values up to ${far(fine)} away from it`);
}

export const tf32Text = ({ products, convolutions }: Tf32Use): string =>
  products === convolutions
    ? products
      ? 'yes'
      : 'no'
    : `products ${products ? 'yes' : 'no'}, convolutions ${convolutions ? 'yes' : 'no'}`;
