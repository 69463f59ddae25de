import * as tf from '@tensorflow/tfjs-core';
import type { ResolvedAttack } from '@ncsweep/catalog/attacks';
import { apgd, Strongest } from '../apgd.ts';
import type { AttackedBatch, Budget, CascadeKernel, Stage } from '../attack-kernel.ts';
import { surfaceDraws } from '../draws.ts';
import { fab, marginsAt, Nearest } from '../fab.ts';
import { logitLosses, rivalOf, targetedRatio, type LogitLoss } from '../logit-losses.ts';
import { squareAttack } from '../square.ts';

type Params = ResolvedAttack<'autoattack'>;

const isFallen = (margins: Float32Array): Uint8Array => Uint8Array.from(margins, (margin) => Number(margin > 0));

/** One run of Auto-PGD from the start of this name. @returns which examples some iterate misclassifies [B] */
function climb(
  { norm, steps }: Params,
  { epsilon }: Budget,
  { classifier, images, indices, seed, purpose, image, goals }: AttackedBatch,
  { name, lossOf, best }: { name: string; lossOf: (labels: tf.Tensor2D) => LogitLoss; best?: Strongest },
): Uint8Array {
  const fallen = new Uint8Array(indices.length);
  const start = surfaceDraws(seed, purpose(name), indices, image, norm);
  const labels = goals();
  const offer: Strongest['offer'] = (iterates, margins, losses) => {
    fallen.forEach((_, i) => (fallen[i] ||= Number(margins[i]! > 0)));
    best?.offer(iterates, new Uint8Array(indices.length), losses); // by loss alone
  };
  apgd(classifier, images, labels, { norm, epsilon, steps, loss: lossOf(labels), start }, { offer });
  tf.dispose([start, labels]);
  return fallen;
}

/** The wrong class of each example that is `rank`-th by its clean logits, one-hot; the caller's to dispose. */
const rivals = ({ classifier, images }: AttackedBatch, labels: tf.Tensor2D, rank: number): tf.Tensor2D =>
  tf.tidy(() => rivalOf(classifier.trace(images).logits, labels, rank));

const targetedClimb =
  (params: Params, budget: Budget, rank: number): Stage =>
  (batch) => {
    let targets: tf.Tensor2D | undefined;
    const lossOf = (labels: tf.Tensor2D): LogitLoss => targetedRatio((targets = rivals(batch, labels, rank)));
    const fallen = climb(params, budget, batch, { name: `apgd-t/${rank}`, lossOf });
    targets?.dispose();
    return fallen;
  };

const boundary =
  ({ norm, steps }: Params, { epsilon }: Budget, rank: number): Stage =>
  (batch) => {
    const labels = batch.goals();
    const targets = rivals(batch, labels, rank);
    const nearest = new Nearest(batch.images);
    fab(batch.classifier, batch.images, { labels, targets }, { norm, steps }, nearest);
    tf.dispose([labels, targets]);
    return Uint8Array.from(nearest.radii, (radius) => Number(radius <= epsilon));
  };

const search =
  ({ norm, queries }: Params, { epsilon }: Budget): Stage =>
  (batch) => {
    const labels = batch.goals();
    const fallen = isFallen(marginsAt(batch.classifier, squareAttack(batch, { norm, epsilon, queries }), labels));
    labels.dispose();
    return fallen;
  };

export const autoattackKernel: CascadeKernel<'autoattack'> = {
  first: (params, budget, batch) => {
    const labels = batch.goals();
    const wrong = isFallen(marginsAt(batch.classifier, tf.clone(batch.images), labels));
    labels.dispose();
    const best = new Strongest(batch.images);
    const fallen = climb(params, budget, batch, { name: 'apgd/0', lossOf: () => logitLosses.ce, best });
    return { images: best.images, fallen: fallen.map((fell, i) => fell | wrong[i]!) };
  },
  later: (params, budget, classes) => {
    if (params.version === 'rand')
      return [(batch) => climb(params, budget, batch, { name: 'apgd/1', lossOf: () => logitLosses.dlr })];
    const ranks = Array.from({ length: Math.min(params.targets, classes - 1) }, (_, rank) => rank);
    const light = ranks.map((rank) => targetedClimb(params, budget, rank));
    if (params.version === 'light') return light;
    return [...light, ...ranks.map((rank) => boundary(params, budget, rank)), search(params, budget)];
  },
};
