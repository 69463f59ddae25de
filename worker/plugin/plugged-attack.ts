/** An attack of a plug-in: its function, whose images are checked. */
import * as tf from '@tensorflow/tfjs-core';
import type { Norm } from '@ncsweep/catalog/attacks/norm';
import type { ParameterValues } from '@ncsweep/catalog/plugins/names';
import type { AttackedBatch, Budget } from '../attack/attack-kernel.ts';
import { perturbationSize } from '../attack/ball.ts';
import { attackBatch } from './attack-batch.ts';
import type { PluginFunction } from './plugin-functions.ts';
import { PluginError } from './plugin-error.ts';
import { asFloatTensor, runPart } from './run-part.ts';

/** How far rounding may carry an image beyond its budget or the pixels' range: relative to the budget, and in pixel units. */
const rounding = 1e-4;
const pixelRounding = 1e-6;

export interface PluggedAttack {
  /** `<plug-in>/<part>` */
  readonly part: string;
  readonly norm: Norm;
  readonly params: ParameterValues;
  readonly run: PluginFunction;
}

/** @returns perturbed images [B,H,W,C], the caller's to dispose @throws PluginError */
export const perturbedBy = ({ part, norm, params, run }: PluggedAttack, { epsilon }: Budget, batch: AttackedBatch): tf.Tensor4D =>
  tf.tidy(() => {
    const given = attackBatch(batch, epsilon, norm);
    const { shape } = batch.images;
    const expected = `the perturbed images, a float32 tensor [${shape.join(', ')}]`;
    const found = asFloatTensor(
      part,
      runPart(part, () => run(given, params)),
      shape,
      expected,
    ) as tf.Tensor4D;
    checkPixels(part, found.dataSync<'float32'>());
    checkBudget(part, tf.max(perturbationSize(tf.sub(found, batch.images), norm)).dataSync()[0]!, epsilon, norm);
    return tf.clone(found);
  });

function checkPixels(part: string, pixels: Float32Array): void {
  let [lowest, highest] = [Infinity, -Infinity];
  for (const value of pixels) {
    if (!Number.isFinite(value)) throw new PluginError(`${part} returned images that are not finite`);
    if (value < lowest) lowest = value;
    if (value > highest) highest = value;
  }
  if (lowest >= -pixelRounding && highest <= 1 + pixelRounding) return;
  const range = `${lowest.toPrecision(6)} to ${highest.toPrecision(6)}`;
  throw new PluginError(`${part} returned pixels from ${range}; expected 0 to 1. Remedy: batch.project`);
}

function checkBudget(part: string, size: number, epsilon: number, norm: Norm): void {
  if (size <= epsilon * (1 + rounding) + pixelRounding) return;
  const moved = `moved an image by ${size.toPrecision(6)} in ${norm}; its budget is ${epsilon.toPrecision(6)}`;
  throw new PluginError(`${part} ${moved}. Remedy: batch.project`);
}
