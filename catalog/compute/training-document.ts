/** A recipe as a compute task describes it: numbers in place of names, fractions and shares of a training. */
import type { Schedule, Training, TrainingAttackDocument } from '@ncsweep/protocol/compute/task-document';
import { startDocument } from '../attacks/start-document.ts';
import type { TrainingAttack } from '../attacks.ts';
import { lossOf } from '../losses.ts';
import type { Loss } from '../losses/loss.ts';
import type { TrainRecipe } from '../params.ts';
import { pixels, stepPixels } from './pixels.ts';

/** The first step that is this share of a training, or later. */
const firstStep = (share: number, totalSteps: number): number => Math.ceil(share * totalSteps);

/** `paper`: ×0.1 from 25 % of training, ×0.01 from 37.5 % (epochs 100 and 150 of 400; arXiv 2311.07444, code). */
function scheduleDocument({ schedule, learningRate: rate }: TrainRecipe, totalSteps: number): Schedule {
  switch (schedule) {
    case 'constant':
      return { kind: 'steps', rates: [{ from: 0, rate }] };
    case 'cosine':
      return { kind: 'cosine', rate, steps: totalSteps };
    case 'paper':
      return {
        kind: 'steps',
        rates: [
          { from: 0, rate },
          { from: firstStep(0.25, totalSteps), rate: rate * 0.1 },
          { from: firstStep(0.375, totalSteps), rate: rate * 0.01 },
        ],
      };
    default:
      return schedule satisfies never;
  }
}

function attackDocument(attack: TrainingAttack, { objective, start = startDocument(attack) }: Loss): TrainingAttackDocument {
  const epsilon = pixels(attack.epsilon);
  const { norm, steps } = attack;
  return { kind: 'pgd', norm, epsilon, stepSize: stepPixels(attack.stepSize, epsilon), steps, start, objective };
}

/** The fields of a loss, without what only planning needs. */
function lossDocument(recipe: TrainRecipe): Training['loss'] {
  if (recipe.loss === 'plugin') {
    const { loss: name, part, identity, params } = recipe;
    return { name, part, identity, params };
  }
  const part = lossOf(recipe);
  const values = recipe as unknown as Readonly<Record<string, unknown>>;
  return { name: part.name, ...Object.fromEntries(Object.keys(part.fields).map((field) => [field, values[field]])) };
}

/**
 * @param count of examples that an epoch shows, counting repeats
 * @param repeats how often it shows each example of a class [K]; default once
 */
export function trainingDocument(recipe: TrainRecipe, count: number, repeats?: number[]): Training {
  const { epochs, batchSize, batchNorm, momentum, weightDecay } = recipe;
  const stepsPerEpoch = Math.ceil(count / batchSize);
  return {
    loss: lossDocument(recipe),
    attack: recipe.attack && attackDocument(recipe.attack, lossOf(recipe)),
    batchNorm,
    epochs,
    batchSize,
    stepsPerEpoch,
    ...(repeats && { repeats }),
    momentum,
    weightDecay,
    schedule: scheduleDocument(recipe, epochs * stepsPerEpoch),
  };
}
