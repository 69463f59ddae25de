/** The small smooth network of the fixtures that pyautoattack's numbers are in. */
import * as tf from '@tensorflow/tfjs-core';
import type { Classifier } from '../attack/objective.ts';
import type { Fixture } from './fixture.ts';

/**
 * tanh(4 (x − 1/2) W1) W2 on images whose values are taken in the order channel, height, width, as in the scripts.
 * @param see gets the images and logits of each pass
 */
export function smoothNetwork(fixture: Fixture, see: (images: tf.Tensor4D, logits: tf.Tensor2D) => void): Classifier {
  const [first, second] = ['first', 'second'].map((name) => tf.tensor2d(fixture.values(name), fixture.shape(name))) as [
    tf.Tensor2D,
    tf.Tensor2D,
  ];
  return {
    trace: (images) => {
      const [, height, width, channels] = images.shape;
      const flat = tf.reshape(tf.transpose(images, [0, 3, 1, 2]), [-1, height * width * channels]);
      const active: tf.Tensor2D = tf.tanh(tf.matMul(tf.mul(tf.sub(flat, 0.5), 4), first));
      const logits: tf.Tensor2D = tf.matMul(active, second);
      see(images, logits);
      return {
        logits,
        pull: (dLogits) => {
          const dHidden = tf.mul(tf.matMul(dLogits, second, false, true), tf.sub(1, tf.square(active)));
          const dFlat = tf.mul(tf.matMul(dHidden as tf.Tensor2D, first, false, true), 4);
          return tf.transpose(tf.reshape(dFlat, [-1, channels, height, width]), [0, 2, 3, 1]) as tf.Tensor4D;
        },
      };
    },
  };
}
