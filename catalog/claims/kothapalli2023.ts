/**
 * Statements that the review arXiv 2206.04041 collects, as contrasts: collapse under either loss, by weight decay, on test data, and for
 * classes within the class. The review has no experiments of its own; directions and natural references are all that is assumed here.
 */
import type { SplitName } from '../axes.ts';
import type { MetricName } from '../metrics.ts';
import type { RecipeParams, TrainRecipe } from '../params.ts';
import { contrast, of, reference, type Claim, type Contrast, type Control, type Selector } from './claim.ts';
import { defineClaimSet, type Role } from './claim-set.ts';
import { byLoss } from './sections/by-loss.ts';

const clean = (fits: (recipe: TrainRecipe) => boolean, yaml: string): Role<RecipeParams> => ({
  fits: (recipe) => recipe.kind === 'train' && recipe.attack === null && fits(recipe),
  yaml: () => yaml,
});

/** Trainings on clean images, by their loss and by whether weights decay. */
const trainings = {
  CE: clean(({ loss, weightDecay }) => loss === 'ce' && weightDecay > 0, '{name: CE, weightDecay: 0.01}'),
  'CE-free': clean(({ loss, weightDecay }) => loss === 'ce' && weightDecay === 0, '{name: CE-free, weightDecay: 0}'),
  MSE: clean(({ loss, weightDecay }) => loss === 'mse' && weightDecay > 0, '{name: MSE, loss: mse, weightDecay: 0.01}'),
  'MSE-free': clean(
    ({ loss, weightDecay }) => loss === 'mse' && weightDecay === 0,
    '{name: MSE-free, loss: mse, weightDecay: 0}',
  ),
};

type TrainingRole = keyof typeof trainings;

const at = (training: TrainingRole, more: Partial<Selector> = {}): Selector => ({
  training,
  epoch: 'last',
  attack: 'clean',
  layer: 'last',
  ...more,
});

const fitsItsData = (...roles: readonly TrainingRole[]): Control => ({
  id: 'terminal',
  title: 'The networks fit their training data (terminal phase)',
  absent: 'no training accuracy',
  needs: roles.map((role) => of('accuracy', at(role))),
});

const overTraining = (training: TrainingRole, id: string, name: string, metric: MetricName): Contrast =>
  contrast({
    id: `${training.toLowerCase()}-${id}`,
    title: `${training} ${name}: last against first epoch`,
    short: `${training} ${name} last/first epoch`,
    left: of(metric, at(training)),
    right: of(metric, at(training, { epoch: 'first' })),
    scale: 'log',
    predicted: '-',
  });

/** All three collapse, and end below a reference that no training sets. */
const collapses = (training: TrainingRole): readonly Contrast[] => [
  overTraining(training, 'nc1', 'nc1', 'nc1'),
  overTraining(training, 'quotient', 'nc1 quotient', 'nc1_quotient'),
  overTraining(training, 'nc2-angles', 'NC2 angles', 'nc2_equiangular_means'),
  overTraining(training, 'nc3', 'NC3', 'nc3'),
  contrast({
    id: `${training.toLowerCase()}-equal-spread`,
    title: `${training} nc1 against K − 1: classes as wide as they are apart`,
    short: `${training} nc1/(K − 1)`,
    left: of('nc1', at(training)),
    right: reference('equal-spread'),
    scale: 'log',
    predicted: '-',
  }),
];

const eitherLoss: Claim = {
  number: 1,
  title: 'Training collapses features to a simplex under cross-entropy and under the mean squared error',
  short: 'both losses collapse',
  phrase: 'training collapses features under either loss',
  contrasts: [...collapses('CE'), ...collapses('MSE')],
  headline: 'mse-nc1',
  controls: [fitsItsData('CE', 'MSE')],
};

const decay = (training: 'CE' | 'MSE', id: string, metric: MetricName, required: boolean): Contrast =>
  contrast({
    id: `${training.toLowerCase()}-${id}`,
    title: `${training} ${metric === 'nc1' ? 'nc1' : 'nc1 quotient'}: with against without weight decay`,
    short: `${training} ${metric === 'nc1' ? 'nc1' : 'quotient'} decay/none`,
    left: of(metric, at(training)),
    right: of(metric, at(`${training}-free`)),
    scale: 'log',
    predicted: '-',
    required,
  });

const weightDecay: Claim = {
  number: 2,
  title: 'Weight decay deepens the collapse of training data',
  short: 'weight decay collapses more',
  phrase: 'weight decay deepens collapse',
  contrasts: [
    decay('CE', 'nc1', 'nc1', true),
    decay('CE', 'quotient', 'nc1_quotient', true),
    decay('MSE', 'nc1', 'nc1', false),
    decay('MSE', 'quotient', 'nc1_quotient', false),
  ],
  headline: 'ce-nc1',
  controls: [fitsItsData('CE', 'CE-free', 'MSE', 'MSE-free')],
};

const onSplits = (training: TrainingRole, id: string, name: string, metric: MetricName): Contrast => {
  const on = (split: SplitName) => of(metric, at(training, { split }));
  return contrast({
    id: `${training.toLowerCase()}-${id}`,
    title: `${training} ${name}: test against training data`,
    short: `${training} ${name} test/train`,
    left: on('test'),
    right: on('train'),
    scale: 'log',
    predicted: '+',
  });
};

const testData: Claim = {
  number: 3,
  title: 'Collapse of training data is not collapse of test data',
  short: 'test data do not collapse',
  phrase: 'test data do not collapse as training data do',
  contrasts: [
    onSplits('CE', 'nc1', 'nc1', 'nc1'),
    onSplits('CE', 'quotient', 'nc1 quotient', 'nc1_quotient'),
    onSplits('MSE', 'nc1', 'nc1', 'nc1'),
    onSplits('MSE', 'quotient', 'nc1 quotient', 'nc1_quotient'),
    contrast({
      id: 'ce-test-equal-spread',
      title: 'CE nc1 of test data against K − 1: classes as wide as they are apart',
      short: 'CE test nc1/(K − 1)',
      left: of('nc1', at('CE', { split: 'test' })),
      right: reference('equal-spread'),
      scale: 'log',
      predicted: '+',
      required: false,
    }),
  ],
  headline: 'ce-nc1',
  controls: [fitsItsData('CE', 'MSE')],
};

const fine = { split: 'test', labels: 'fine' } as const;

const withinClasses: Claim = {
  number: 4,
  title: 'Collapse erases from features what tells classes within a class apart',
  short: 'subclasses are erased',
  phrase: 'collapse erases subclasses from features',
  contrasts: [
    contrast({
      id: 'over-training',
      title: 'CE: nearest-mean accuracy among subclasses of test data, last against first epoch',
      short: 'CE subclass NCC last − first',
      left: of('ncc_accuracy_own_means', at('CE', fine)),
      right: of('ncc_accuracy_own_means', at('CE', { ...fine, epoch: 'first' })),
      predicted: '-',
    }),
    contrast({
      id: 'decay',
      title: 'CE: nearest-mean accuracy among subclasses of test data, with against without weight decay',
      short: 'CE subclass NCC decay − none',
      left: of('ncc_accuracy_own_means', at('CE', fine)),
      right: of('ncc_accuracy_own_means', at('CE-free', fine)),
      predicted: '-',
      required: false,
    }),
  ],
  headline: 'over-training',
  controls: [
    fitsItsData('CE'),
    {
      id: 'kept-accuracy',
      title: 'Features are not simply worse: accuracy among classes of test data does not fall meanwhile',
      absent: 'no test accuracy of the first epoch',
      needs: [of('accuracy', at('CE', { split: 'test' })), of('accuracy', at('CE', { split: 'test', epoch: 'first' }))],
    },
  ],
};

export const kothapalli2023 = defineClaimSet({
  name: 'kothapalli2023',
  summary: 'collapse by loss and weight decay, on test data and within classes (review, arXiv 2206.04041)',
  roles: { training: trainings },
  terms: { NCC: 'the nearest-class-center classifier' },
  claims: [eitherLoss, weightDecay, testData, withinClasses],
  sections: byLoss(['CE', 'CE-free', 'MSE', 'MSE-free'] satisfies readonly TrainingRole[]),
});
