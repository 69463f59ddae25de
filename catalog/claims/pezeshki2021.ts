/**
 * The claims of arXiv 2011.09468 as contrasts: a feature that separates the classes starves one that would generalise, and decoupling the
 * spectrum undoes it where weight decay does not. What the paper shows as decision maps is here the accuracy on test data in which the easy
 * feature misleads.
 */
import type { DatasetParams } from '../datasets.ts';
import type { RecipeParams, TrainRecipe } from '../params.ts';
import { contrast, of, type Claim, type Control, type Selector } from './claim.ts';
import { defineClaimSet, type Role } from './claim-set.ts';
import { starvation } from './sections/starvation.ts';

const on = (fits: (margin: number) => boolean, yaml: string): Role<DatasetParams> => ({
  fits: (d) => d.name === 'moons' && fits(d.margin) && (d.testMargin ?? d.margin) < 0,
  yaml: () => yaml,
});

/** Two moons, by whether the second coordinate separates training data; it never separates test data. */
const datasets = {
  gap: on((margin) => margin > 0, '{name: moons, as: gap, margin: 0.1, testMargin: -0.5}'),
  overlap: on((margin) => margin < 0, '{name: moons, as: overlap, margin: -0.1, testMargin: -0.5}'),
};

const clean = (fits: (recipe: TrainRecipe) => boolean, yaml: string): Role<RecipeParams> => ({
  fits: (recipe) => recipe.kind === 'train' && recipe.attack === null && fits(recipe),
  yaml: () => yaml,
});

/** From this weight on the penalty is the paper's remedy; below it is one point of the path there. */
const strong = 0.03;
const decouples = (recipe: TrainRecipe, fits: (lambda: number) => boolean): boolean =>
  recipe.loss === 'spectral-decoupling' && fits(recipe.lambda);

const trainings = {
  CE: clean(({ loss, weightDecay }) => loss === 'ce' && weightDecay === 0, '{name: CE, weightDecay: 0}'),
  decay: clean(({ loss, weightDecay }) => loss === 'ce' && weightDecay > 0, '{name: decay, weightDecay: 0.01}'),
  SD: clean(
    (recipe) => decouples(recipe, (lambda) => lambda >= strong),
    '{name: SD, loss: spectral-decoupling, lambda: 0.05, weightDecay: 0}',
  ),
  'weak-SD': clean(
    (recipe) => decouples(recipe, (lambda) => lambda < strong),
    '{name: weak-SD, loss: spectral-decoupling, lambda: 0.01, weightDecay: 0}',
  ),
};

type TrainingRole = keyof typeof trainings;

const at = (training: TrainingRole, more: Partial<Selector> = {}): Selector => ({
  dataset: 'gap',
  training,
  epoch: 'last',
  attack: 'clean',
  layer: 'last',
  ...more,
});

const fitsItsData = (...points: readonly Selector[]): Control => ({
  id: 'terminal',
  title: 'The networks fit their training data, so that none is merely undertrained',
  absent: 'no training accuracy',
  needs: points.map((point) => of('accuracy', { ...point, split: 'train' })),
});

/** Test data, in which the easy feature misleads. */
const misled = (training: TrainingRole, dataset: 'gap' | 'overlap' = 'gap') =>
  of('accuracy', at(training, { dataset, split: 'test' }));

const starved: Claim = {
  number: 1,
  title: 'A feature that separates the classes starves the one that generalises',
  short: 'a gap starves the bend',
  phrase: 'an easy feature starves another',
  contrasts: [
    contrast({
      id: 'gap-overlap',
      title: 'CE: accuracy where the easy feature misleads, trained with a gap against trained with an overlap',
      short: 'CE misled accuracy gap − overlap',
      left: misled('CE'),
      right: misled('CE', 'overlap'),
      predicted: '-',
    }),
  ],
  headline: 'gap-overlap',
  controls: [fitsItsData(at('CE'), at('CE', { dataset: 'overlap' }))],
};

const decoupled: Claim = {
  number: 2,
  title: 'Spectral decoupling lets the starved feature be learnt',
  short: 'decoupling feeds the bend',
  phrase: 'spectral decoupling undoes starvation',
  contrasts: [
    contrast({
      id: 'sd-ce',
      title: 'Accuracy where the easy feature misleads: spectral decoupling against cross-entropy',
      short: 'misled accuracy SD − CE',
      left: misled('SD'),
      right: misled('CE'),
      predicted: '+',
    }),
    contrast({
      id: 'weak-ce',
      title: 'The same with a smaller penalty: spectral decoupling against cross-entropy',
      short: 'misled accuracy weak SD − CE',
      left: misled('weak-SD'),
      right: misled('CE'),
      predicted: '+',
      required: false,
    }),
    contrast({
      id: 'sd-weak',
      title: 'More of the penalty helps more: spectral decoupling against a smaller penalty',
      short: 'misled accuracy SD − weak SD',
      left: misled('SD'),
      right: misled('weak-SD'),
      predicted: '+',
      required: false,
    }),
  ],
  headline: 'sd-ce',
  controls: [fitsItsData(at('SD'), at('CE'))],
};

const notByDecay: Claim = {
  number: 3,
  title: 'Weight decay does not do what spectral decoupling does',
  short: 'weight decay does not',
  phrase: 'weight decay does not replace decoupling',
  contrasts: [
    contrast({
      id: 'sd-decay',
      title: 'Accuracy where the easy feature misleads: spectral decoupling against weight decay',
      short: 'misled accuracy SD − decay',
      left: misled('SD'),
      right: misled('decay'),
      predicted: '+',
    }),
  ],
  headline: 'sd-decay',
  controls: [fitsItsData(at('SD'), at('decay'))],
};

const attacked = (training: TrainingRole) => of('accuracy', at(training, { attack: 'pgd', split: 'train' }));

const robust: Claim = {
  number: 4,
  title: 'The decoupled network is more robust to small changes of its training points',
  short: 'decoupled is more robust',
  phrase: 'decoupling makes the network more robust',
  contrasts: [
    contrast({
      id: 'pgd',
      title: 'Accuracy on training points under PGD: spectral decoupling against cross-entropy',
      short: 'PGD accuracy SD − CE',
      left: attacked('SD'),
      right: attacked('CE'),
      predicted: '+',
    }),
  ],
  headline: 'pgd',
  controls: [
    fitsItsData(at('SD'), at('CE')),
    {
      id: 'attack-success',
      title: 'The attack succeeds on the cross-entropy where noise does not',
      absent: 'no accuracy under PGD and noise',
      needs: [attacked('CE'), of('accuracy', at('CE', { attack: 'noise', split: 'train' }))],
    },
  ],
};

export const pezeshki2021 = defineClaimSet({
  name: 'pezeshki2021',
  summary: 'an easy feature starves others, spectral decoupling undoes it (arXiv 2011.09468)',
  roles: { dataset: datasets, training: trainings },
  terms: { SD: 'spectral decoupling', 'misled accuracy': 'accuracy on test data in which the easy feature misleads' },
  claims: [starved, decoupled, notByDecay, robust],
  sections: starvation(['CE', 'decay', 'weak-SD', 'SD'] satisfies readonly TrainingRole[]),
});
