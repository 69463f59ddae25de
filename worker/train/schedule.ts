import type { TrainRecipe } from '@ncsweep/catalog/params';

/**
 * Learning rate at a step. `paper`: ×0.1 from 25 % of training, ×0.01 from 37.5 % (epochs 100 and 150 of 400; arXiv 2311.07444, code).
 * `cosine`: half a cosine to 0, per step (Loshchilov & Hutter 2017).
 * @param step counts from 0 @param totalSteps of the whole recipe
 */
export function learningRate(recipe: TrainRecipe, step: number, totalSteps: number): number {
  const done = step / totalSteps;
  switch (recipe.schedule) {
    case 'constant':
      return recipe.learningRate;
    case 'cosine':
      return recipe.learningRate * 0.5 * (1 + Math.cos(Math.PI * done));
    case 'paper':
      return recipe.learningRate * (done < 0.25 ? 1 : done < 0.375 ? 0.1 : 0.01);
    default:
      return recipe.schedule satisfies never;
  }
}
