/** What `ncsweep plugin test` asks of a training loss in TypeScript. */
import * as tf from '@tensorflow/tfjs-core';
import type { PluginPartOf } from '@ncsweep/catalog/plugins/manifest';
import { normalDraws } from '../attack/draws.ts';
import type { PassState } from '../model/train-pass.ts';
import type { Weights } from '../model/weights.ts';
import { pluggedPass } from './plugged-loss.ts';
import type { PluginFunction } from './plugin-functions.ts';
import {
  sampleImage,
  sampleImages,
  sampleIndices,
  sampleLabels,
  sampleNodes,
  sampleSeed,
  sampleValues,
  sampleWeights,
  type Check,
} from './sample.ts';

interface Passed {
  readonly loss: number;
  readonly gradients: ReadonlyMap<string, tf.Tensor>;
  readonly passes: number;
}

type Pass = (weights: Weights, isAdversarial: boolean) => Passed;

/** Clean images of the sample, moved a little. */
const moved = (images: tf.Tensor4D): tf.Tensor4D => {
  const noise = normalDraws(sampleSeed, 'moved', sampleIndices, sampleImage);
  return tf.clipByValue(tf.add(images, tf.mul(noise, 0.02)), 0, 1);
};

/** All in the caller's tidy. */
function passing(part: string, run: PluginFunction, declared: PluginPartOf<'loss'>): Pass {
  const params = sampleValues(declared);
  return (weights, isAdversarial) => {
    const state: PassState = { weights, batchNorm: 'train', gradients: new Map(), running: new Map() };
    const images = sampleImages(sampleIndices);
    let asked = 0;
    const counted: PluginFunction = (batch, values) => {
      asked = 0;
      const { logits, ...rest } = batch as { logits: (images: tf.Tensor4D) => tf.Tensor2D };
      const counting = (seen: tf.Tensor4D): tf.Tensor2D => {
        asked += 1;
        return logits(seen);
      };
      return run({ ...rest, logits: counting }, values);
    };
    const batch = { images, labels: sampleLabels(sampleIndices), perturbed: isAdversarial ? moved(images) : undefined };
    const { loss } = pluggedPass({ part, params, run: counted }, sampleNodes, batch, state);
    return { loss: loss.dataSync()[0]!, gradients: state.gradients, passes: asked };
  };
}

/** How far the loss rises along its gradient beside what the gradient says. */
function slopes(pass: Pass): { readonly found: number; readonly expected: number } {
  const weights = sampleWeights();
  const { gradients } = pass(weights, true);
  const expected = [...gradients.values()].reduce((sum, each) => sum + tf.sum(tf.square(each)).dataSync()[0]!, 0);
  const step = 1e-3 / Math.sqrt(Math.max(expected, 1e-12));
  const at = (sign: number): number => {
    const there = [...weights].map(([name, value]) => {
      const gradient = gradients.get(name);
      return [name, gradient ? tf.add(value, tf.mul(gradient, sign * step)) : value] as const;
    });
    return pass(new Map(there), true).loss;
  };
  return { found: (at(1) - at(-1)) / (2 * step), expected };
}

/** Gradient, repeats and cost. */
export function lossChecks(part: string, run: PluginFunction, declared: PluginPartOf<'loss'>): readonly Check[] {
  const pass = passing(part, run, declared);
  const clean: Check = [
    'it works without adversarial examples',
    () => {
      pass(sampleWeights(), false);
      return undefined;
    },
  ];
  const checks: readonly Check[] = [
    [
      'its gradient is that of finite differences',
      () => {
        const { found, expected } = slopes(pass);
        if (Math.abs(found - expected) <= 0.05 * Math.abs(expected) + 1e-3) return undefined;
        return `along its gradient the loss rises by ${found.toPrecision(4)}; by the gradient it would by ${expected.toPrecision(4)}`;
      },
    ],
    [
      'it repeats itself',
      () => {
        const [first, second] = [pass(sampleWeights(), true), pass(sampleWeights(), true)];
        return first.loss === second.loss ? undefined : 'the second time it returned another loss';
      },
    ],
    [
      'it takes no more passes than declared',
      () => {
        const { passes } = pass(sampleWeights(), true);
        return passes <= declared.passes ? undefined : `it took ${passes} passes; passes says ${declared.passes}`;
      },
    ],
  ];
  return declared.adversarial === 'always' ? checks : [clean, ...checks];
}

/** What a loss makes of the sample, for a comparison with another language. */
export const lossOutput = (part: string, run: PluginFunction, declared: PluginPartOf<'loss'>): readonly number[] =>
  tf.tidy(() => [passing(part, run, declared)(sampleWeights(), true).loss]);
