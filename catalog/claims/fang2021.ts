/**
 * The claims of arXiv 2101.12699 as contrasts: classes with few images lose their own directions in the classifier, regularisation makes
 * them, and showing their images more often gives them back. What an image that is shown again adds on test data is a claim of its own.
 */
import { imagesOf, type DatasetParams } from '../datasets.ts';
import type { MetricName } from '../metrics.ts';
import type { RecipeParams, TrainRecipe } from '../params.ts';
import { contrast, of, reference, type Claim, type Control, type Measured, type Selector } from './claim.ts';
import { defineClaimSet, type Role } from './claim-set.ts';
import { minorityCollapse } from './sections/minority-collapse.ts';

/** From here on an imbalance is severe. With three of six classes in the minority, the convex program collapses between 10 and 40. */
const severeFrom = 20;

/** Training images of another class for each of a minority class; 0 without a minority. */
function imbalanceOf(params: DatasetParams): number {
  const { minority, perClass } = imagesOf(params);
  return minority === undefined ? 0 : perClass.train / minority.trainPerClass;
}

const imbalanced = (fits: (ratio: number) => boolean, as: string, ratio: number): Role<DatasetParams> => ({
  fits: (params) => fits(imbalanceOf(params)),
  yaml: () => `{name: prototypes, as: ${as}, classes: 6, minorityClasses: 3, imbalance: ${ratio}}`,
});

const datasets = {
  balanced: imbalanced((ratio) => ratio === 1, 'balanced', 1),
  mild: imbalanced((ratio) => ratio > 1 && ratio < severeFrom, 'mild', 10),
  severe: imbalanced((ratio) => ratio >= severeFrom, 'severe', 40),
};

const clean = (fits: (recipe: TrainRecipe) => boolean, yaml: string): Role<RecipeParams> => ({
  fits: (recipe) => recipe.kind === 'train' && recipe.loss === 'ce' && recipe.attack === null && fits(recipe),
  yaml: () => yaml,
});

const trainings = {
  CE: clean(({ oversampling, weightDecay }) => oversampling === undefined && weightDecay > 0, '{name: CE, weightDecay: 0.01}'),
  oversampled: clean(
    ({ oversampling, weightDecay }) => oversampling !== undefined && weightDecay > 0,
    '{name: oversampled, weightDecay: 0.01, oversampling: 40}',
  ),
  free: clean(({ oversampling, weightDecay }) => oversampling === undefined && weightDecay === 0, '{name: free, weightDecay: 0}'),
};

type DatasetRole = keyof typeof datasets;
type TrainingRole = keyof typeof trainings;
type Where = Partial<Omit<Selector, 'dataset' | 'training'>>;

const at = (dataset: DatasetRole, training: TrainingRole, more: Where = {}): Selector => ({
  dataset,
  training,
  epoch: 'last',
  attack: 'clean',
  layer: 'last',
  split: 'train',
  ...more,
});

const cosine = (dataset: DatasetRole, training: TrainingRole, more: Where = {}): Measured =>
  of('cos_minority_weights', at(dataset, training, more));
const few = (dataset: DatasetRole, training: TrainingRole, more: Where = { split: 'test' }): Measured =>
  of('accuracy_minority', at(dataset, training, more));

const fits = (metric: MetricName, title: string, ...points: readonly Selector[]): Control => ({
  id: 'terminal',
  title,
  absent: 'no training accuracy',
  needs: points.map((point) => of(metric, point)),
});
const fitsMajority = (...points: readonly Selector[]): Control =>
  fits('accuracy_majority', 'The networks fit the training data of the majority (terminal phase)', ...points);

const majorityApart: Control = {
  id: 'apart',
  title: 'The classifiers of the majority stay apart, so that not all of the classifier degenerated',
  absent: 'no cosines of the majority',
  needs: [of('cos_majority_weights', at('severe', 'CE'))],
};

const collapse: Claim = {
  number: 1,
  title: 'Classifiers of classes with few images become parallel (minority collapse)',
  short: 'minority classifiers collapse',
  phrase: 'minority classifiers become parallel',
  contrasts: [
    contrast({
      id: 'severe-balanced',
      title: 'Cosine of minority classifiers: severe imbalance against none',
      short: 'minority cosine severe − balanced',
      left: cosine('severe', 'CE'),
      right: cosine('balanced', 'CE'),
      predicted: '+',
    }),
    contrast({
      id: 'mild-balanced',
      title: 'Cosine of minority classifiers: mild imbalance against none',
      short: 'minority cosine mild − balanced',
      left: cosine('mild', 'CE'),
      right: cosine('balanced', 'CE'),
      predicted: '+',
    }),
    contrast({
      id: 'equal-steps',
      title: 'The same after as many steps: severe imbalance against none at the first epoch evaluated',
      short: 'minority cosine severe − balanced, equal steps',
      left: cosine('severe', 'CE'),
      right: cosine('balanced', 'CE', { epoch: 'first' }),
      predicted: '+',
    }),
    contrast({
      id: 'training',
      title: 'Training makes it: cosine of minority classifiers after training against before',
      short: 'minority cosine trained − untrained',
      left: cosine('severe', 'CE'),
      right: cosine('severe', 'CE', { epoch: 'untrained' }),
      predicted: '+',
    }),
    contrast({
      id: 'parallel',
      title: 'Cosine of minority classifiers under severe imbalance against a right angle',
      short: 'minority cosine − right angle',
      left: cosine('severe', 'CE'),
      right: reference('right-angle'),
      predicted: '+',
    }),
    contrast({
      id: 'norms',
      title: 'Length of minority classifiers in lengths of the majority’s: severe imbalance against none',
      short: 'norm ratio severe/balanced',
      left: of('norm_ratio_weights', at('severe', 'CE')),
      right: of('norm_ratio_weights', at('balanced', 'CE')),
      scale: 'log',
      predicted: '-',
      required: false,
    }),
  ],
  headline: 'severe-balanced',
  controls: [fitsMajority(at('severe', 'CE'), at('balanced', 'CE')), majorityApart],
};

const predictions: Claim = {
  number: 2,
  title: 'Minority classes are then hardly predicted',
  short: 'minority accuracy falls',
  phrase: 'minority classes are hardly predicted',
  contrasts: [
    contrast({
      id: 'severe-balanced',
      title: 'Accuracy on minority classes of test data: severe imbalance against none',
      short: 'minority accuracy severe − balanced',
      left: few('severe', 'CE'),
      right: few('balanced', 'CE'),
      predicted: '-',
    }),
    contrast({
      id: 'training-data',
      title: 'Accuracy on minority classes of training data: severe imbalance against none',
      short: 'minority training accuracy severe − balanced',
      left: few('severe', 'CE', {}),
      right: few('balanced', 'CE', {}),
      predicted: '-',
      required: false,
    }),
  ],
  headline: 'severe-balanced',
  controls: [fitsMajority(at('severe', 'CE'), at('balanced', 'CE'))],
};

const cause: Claim = {
  number: 3,
  title: 'Regularisation makes minority classifiers parallel',
  short: 'weight decay makes it',
  phrase: 'regularisation makes minority classifiers parallel',
  contrasts: [
    contrast({
      id: 'decay',
      title: 'Cosine of minority classifiers under severe imbalance: with against without weight decay',
      short: 'minority cosine decay − none',
      left: cosine('severe', 'CE'),
      right: cosine('severe', 'free'),
      predicted: '+',
    }),
  ],
  headline: 'decay',
  controls: [fitsMajority(at('severe', 'CE'), at('severe', 'free')), majorityApart],
};

const restored: Claim = {
  number: 4,
  title: 'Showing minority images more often restores the geometry',
  short: 'oversampling restores geometry',
  phrase: 'oversampling restores the geometry',
  contrasts: [
    contrast({
      id: 'oversampled-plain',
      title: 'Cosine of minority classifiers under severe imbalance: oversampled against not',
      short: 'minority cosine oversampled − CE',
      left: cosine('severe', 'oversampled'),
      right: cosine('severe', 'CE'),
      predicted: '-',
    }),
    contrast({
      id: 'equal-steps',
      title: 'The same after as many steps: oversampled at the first epoch evaluated',
      short: 'minority cosine oversampled − CE, equal steps',
      left: cosine('severe', 'oversampled', { epoch: 'first' }),
      right: cosine('severe', 'CE'),
      predicted: '-',
    }),
    contrast({
      id: 'norms',
      title: 'Length of minority classifiers in lengths of the majority’s: oversampled against not',
      short: 'norm ratio oversampled/CE',
      left: of('norm_ratio_weights', at('severe', 'oversampled')),
      right: of('norm_ratio_weights', at('severe', 'CE')),
      scale: 'log',
      predicted: '+',
    }),
    contrast({
      id: 'angles',
      title: 'NC2 angles of the classifier under severe imbalance: oversampled against not',
      short: 'NC2 angles of W oversampled/CE',
      left: of('nc2_equiangular_weights', at('severe', 'oversampled')),
      right: of('nc2_equiangular_weights', at('severe', 'CE')),
      scale: 'log',
      predicted: '-',
    }),
  ],
  headline: 'oversampled-plain',
  controls: [
    fits('accuracy', 'The oversampled network fits its training data (terminal phase)', at('severe', 'oversampled')),
    fitsMajority(at('severe', 'CE')),
  ],
};

const recognised: Claim = {
  number: 5,
  title: 'Showing minority images more often lets test images of their classes be recognised',
  short: 'oversampling helps on test data',
  phrase: 'oversampling lets minority classes be recognised',
  contrasts: [
    contrast({
      id: 'oversampled-plain',
      title: 'Accuracy on minority classes of test data under severe imbalance: oversampled against not',
      short: 'minority accuracy oversampled − CE',
      left: few('severe', 'oversampled'),
      right: few('severe', 'CE'),
      predicted: '+',
    }),
  ],
  headline: 'oversampled-plain',
  controls: [
    fitsMajority(at('severe', 'oversampled'), at('severe', 'CE')),
    {
      id: 'kept-accuracy',
      title: 'Accuracy on the other classes of test data does not fall meanwhile',
      absent: 'no test accuracy',
      needs: (['oversampled', 'CE'] as const).map((training) =>
        of('accuracy_majority', at('severe', training, { split: 'test' })),
      ),
    },
  ],
};

export const fang2021 = defineClaimSet({
  name: 'fang2021',
  summary: 'classifiers of classes with few images become parallel (arXiv 2101.12699)',
  roles: { dataset: datasets, training: trainings },
  terms: { 'minority cosine': 'mean cosine of two classifiers of minority classes' },
  claims: [collapse, predictions, cause, restored, recognised],
  sections: minorityCollapse,
});
