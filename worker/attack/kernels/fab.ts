import * as tf from '@tensorflow/tfjs-core';
import type { NearestKernel } from '../attack-kernel.ts';
import { fab, marginsAt, Nearest } from '../fab.ts';
import { rivalOf } from '../logit-losses.ts';

export const fabTargetedKernel: NearestKernel<'fab-t'> = {
  nearest: ({ norm, steps, targets }, { classifier, images, goals }) => {
    const labels = goals();
    const nearest = new Nearest(images);
    marginsAt(classifier, tf.clone(images), labels).forEach((margin, i) => {
      if (margin > 0) nearest.radii[i] = 0;
    });
    for (let rank = 0; rank < Math.min(targets, labels.shape[1] - 1); rank++) {
      const rivals = tf.tidy(() => rivalOf(classifier.trace(images).logits, labels, rank));
      fab(classifier, images, { labels, targets: rivals }, { norm, steps }, nearest);
      rivals.dispose();
    }
    labels.dispose();
    return nearest.tensor();
  },
};
