/**
 * The claims of arXiv 2311.07444 as contrasts: directions and natural references only; none of the paper's numbers is assumed. Each claim
 * has contrasts against a reference that no training sets, so that "less than before" alone does not pass for collapse.
 */
import type { Norm } from '../attacks/norm.ts';
import type { MetricName } from '../metrics.ts';
import type { RecipeParams } from '../params.ts';
import {
  contrast,
  of,
  reference,
  type Claim,
  type Contrast,
  type Control,
  type EpochRole,
  type LayerRole,
  type Selector,
} from './claim.ts';
import { defineClaimSet, type Role } from './claim-set.ts';
import type { CommonAttack } from './common-attacks.ts';
import { alignment } from './sections/alignment.ts';
import { curves } from './sections/curves.ts';
import { layers } from './sections/layers.ts';
import { leap } from './sections/leap.ts';
import { overTraining } from './sections/over-training.ts';

const budget: Readonly<Record<Norm, string>> = {
  linf: 'norm: linf, epsilon: 8/255, steps: 10, stepSize: 2/255',
  l2: 'norm: l2, epsilon: 128/255, steps: 10, stepSize: 15/255',
};

/** Trainings, by their loss and by whether examples are attacked. */
const trainings = {
  ST: {
    fits: (recipe) => recipe.kind === 'train' && recipe.loss === 'ce' && recipe.attack === null,
    yaml: () => '{name: ST}',
  },
  AT: {
    fits: (recipe) => recipe.kind === 'train' && recipe.loss === 'ce' && recipe.attack !== null,
    yaml: (norm) => `{name: AT, attack: {kind: pgd, ${budget[norm]}, randomStart: true}}`,
  },
  TRADES: {
    fits: (recipe) => recipe.kind === 'train' && recipe.loss === 'trades',
    yaml: (norm) => `{name: TRADES, loss: trades, beta: 6, attack: {kind: pgd, ${budget[norm]}}}`,
  },
} satisfies Readonly<Record<string, Role<RecipeParams>>>;

type TrainingRole = keyof typeof trainings;

const at = (
  training: TrainingRole,
  attack: CommonAttack | 'clean',
  epoch: EpochRole = 'last',
  layer: LayerRole = 'last',
): Selector => ({ training, epoch, attack, layer });

/** For one collapse measure of standard training: collapse over training, loss under attack, and the excess over noise. */
function collapseAndLoss(id: string, name: string, metric: MetricName, required: boolean): Contrast[] {
  const shared = { scale: 'log' as const, required };
  const clean = of(metric, at('ST', 'clean'));
  const attacked = of(metric, at('ST', 'pgd'));
  return [
    contrast({
      ...shared,
      id: `${id}-training`,
      title: `ST clean ${name}: last against first epoch`,
      short: `${name} last/first epoch`,
      left: clean,
      right: of(metric, at('ST', 'clean', 'first')),
      predicted: '-',
    }),
    contrast({
      ...shared,
      id: `${id}-attack`,
      title: `ST ${name}: PGD against clean`,
      short: `${name} PGD/clean`,
      left: attacked,
      right: clean,
      predicted: '+',
    }),
    contrast({
      ...shared,
      id: `${id}-noise`,
      title: `ST ${name}: PGD against noise of the same size`,
      short: `${name} PGD/noise`,
      left: attacked,
      right: of(metric, at('ST', 'noise')),
      predicted: '+',
    }),
  ];
}

/** Shows that class means form a simplex, not just that they scatter less: both fall below references that no training sets. */
const isSimplex = (training: 'ST' | 'AT', attack: 'clean' | 'pgd'): readonly Contrast[] => {
  const state = attack === 'clean' ? 'clean' : 'perturbed';
  return [
    contrast({
      id: `nc1-${attack}-equal-spread`,
      title: `${training} ${state} nc1 against K − 1: classes as wide as they are apart`,
      short: `${attack === 'clean' ? 'clean' : 'PGD'} nc1/(K − 1)`,
      left: of('nc1', at(training, attack)),
      right: reference('equal-spread'),
      scale: 'log',
      predicted: '-',
    }),
    contrast({
      id: `nc2-${attack}-orthogonal`,
      title: `${training} ${state} NC2 angles against 1/(K − 1): orthogonal class means`,
      short: `${attack === 'clean' ? 'clean' : 'PGD'} NC2 angles/orthogonal`,
      left: of('nc2_equiangular_means', at(training, attack)),
      right: reference('orthogonal'),
      scale: 'log',
      predicted: '-',
    }),
  ];
};

const lostUnderAttack: Claim = {
  number: 1,
  title: 'Standard training collapses clean features to a simplex, and a small attack destroys it',
  short: 'ST simplex, lost under attack',
  phrase: 'standard training collapses to a simplex that a small attack destroys',
  contrasts: [
    ...collapseAndLoss('nc1', 'nc1', 'nc1', true),
    ...collapseAndLoss('nc2-angles', 'NC2 angles', 'nc2_equiangular_means', true),
    ...collapseAndLoss('nc2-norms', 'NC2 norms', 'nc2_equinorm_means', false),
    ...isSimplex('ST', 'clean'),
    contrast({
      id: 'nc1-pgd-equal-spread',
      title: 'ST nc1 under PGD against K − 1: classes as wide as they are apart',
      short: 'PGD nc1/(K − 1)',
      left: of('nc1', at('ST', 'pgd')),
      right: reference('equal-spread'),
      scale: 'log',
      predicted: '+',
    }),
  ],
  headline: 'nc1-noise',
  controls: [
    {
      id: 'terminal',
      title: 'The network fits its training data (terminal phase)',
      absent: 'no clean training accuracy',
      needs: [of('accuracy', at('ST', 'clean'))],
    },
    {
      id: 'conditioning',
      title: 'nc1 is not an artefact of an ill-conditioned Sigma_B',
      absent: 'no conditioning of Sigma_B',
      needs: [of('nc1_quotient', at('ST', 'pgd')), of('nc1_quotient', at('ST', 'noise'))],
    },
  ],
};

const leaping: Claim = {
  number: 2,
  title: 'Perturbed examples leap from their own vertex to another one',
  short: 'ST examples leap to a vertex',
  phrase: 'attacked examples leap to another vertex',
  contrasts: [
    contrast({
      id: 'leap-rate',
      title: 'ST leap rate: PGD against noise of the same size',
      short: 'leap rate PGD − noise',
      left: of('leap_rate', at('ST', 'pgd')),
      right: of('leap_rate', at('ST', 'noise')),
      predicted: '+',
    }),
    // The nearest vertex is never farther than an example's own, so only a reference between the two shows whether examples have left.
    contrast({
      id: 'own-mid-edge',
      title: 'ST under PGD: cosine to the own vertex against the middle of an edge',
      short: 'cosine own − mid-edge',
      left: of('leap_example_cos_true', at('ST', 'pgd')),
      right: reference('mid-edge'),
      predicted: '-',
    }),
    contrast({
      id: 'nearest-mid-edge',
      title: 'ST under PGD: cosine to the nearest vertex against the middle of an edge',
      short: 'cosine nearest − mid-edge',
      left: of('leap_example_cos_nearest', at('ST', 'pgd')),
      right: reference('mid-edge'),
      predicted: '+',
    }),
  ],
  headline: 'leap-rate',
  controls: [
    {
      id: 'attack-success',
      title: 'The attack succeeds where noise does not',
      absent: 'no accuracy under PGD and noise',
      needs: [of('accuracy', at('ST', 'pgd')), of('accuracy', at('ST', 'noise'))],
    },
  ],
};

const lastAgainstFirst = (id: string, attack: 'clean' | 'pgd'): Contrast =>
  contrast({
    id,
    title: `AT ${attack === 'clean' ? 'clean' : 'perturbed'} nc1: last against first epoch`,
    short: `${attack === 'clean' ? 'clean' : 'PGD'} nc1 last/first epoch`,
    left: of('nc1', at('AT', attack)),
    right: of('nc1', at('AT', attack, 'first')),
    scale: 'log',
    predicted: '-',
  });

const strongerAttack = (training: TrainingRole): Control => ({
  id: 'stronger-attack',
  title: 'A stronger attack changes nothing',
  absent: 'no stronger attack run',
  needs: [
    of('accuracy', at(training, 'stronger')),
    of('accuracy', at(training, 'pgd')),
    of('simplex_angle', at(training, 'stronger')),
    of('simplex_angle', at(training, 'pgd')),
    of('split_half_angle', at(training, 'pgd')),
  ],
});

/** The accuracy under the main adaptive attack, then under others. @param layer where the claim reads it */
const strongerAdaptive = (training: TrainingRole, layer: LayerRole): Control => ({
  id: 'stronger-adaptive',
  title: 'Neither more steps nor a scale-free loss makes the adaptive attack stronger',
  absent: 'no second adaptive attack run',
  needs: (['adaptive', 'adaptive-stronger', 'adaptive-scale-free'] as const).map((attack) =>
    of('adaptive_ncc_accuracy', at(training, attack, 'last', layer)),
  ),
});

const keepsSimplices: Claim = {
  number: 3,
  title:
    'Adversarial training collapses clean and perturbed features to aligned simplices with a robust nearest-class-center classifier',
  short: 'AT keeps aligned simplices',
  phrase: 'adversarial training keeps the clean and the perturbed simplex aligned',
  contrasts: [
    lastAgainstFirst('clean-training', 'clean'),
    lastAgainstFirst('perturbed-training', 'pgd'),
    ...isSimplex('AT', 'clean'),
    ...isSimplex('AT', 'pgd'),
    contrast({
      id: 'nc1-at-st',
      title: 'nc1 under PGD: AT against ST',
      short: 'PGD nc1 AT/ST',
      left: of('nc1', at('AT', 'pgd')),
      right: of('nc1', at('ST', 'pgd')),
      scale: 'log',
      predicted: '-',
    }),
    contrast({
      id: 'angle-at-st',
      title: 'Angle between the clean and the perturbed simplex: AT against ST',
      short: 'angle AT − ST',
      left: of('simplex_angle', at('AT', 'pgd')),
      right: of('simplex_angle', at('ST', 'pgd')),
      unit: '°',
      predicted: '-',
    }),
    contrast({
      id: 'angle-mid-edge',
      title: 'AT angle between the clean and the perturbed simplex against the middle of an edge',
      short: 'angle AT − mid-edge',
      left: of('simplex_angle', at('AT', 'pgd')),
      right: reference('mid-edge-angle'),
      unit: '°',
      predicted: '-',
    }),
    contrast({
      id: 'ncc-at-st',
      title: 'Nearest-class-center accuracy under its own adaptive attack: AT against ST',
      short: 'adaptive NCC AT − ST',
      left: of('adaptive_ncc_accuracy', at('AT', 'adaptive')),
      right: of('adaptive_ncc_accuracy', at('ST', 'adaptive')),
      predicted: '+',
    }),
    contrast({
      id: 'ncc-chance',
      title: 'AT nearest-class-center accuracy under its own adaptive attack against chance',
      short: 'adaptive NCC AT − chance',
      left: of('adaptive_ncc_accuracy', at('AT', 'adaptive')),
      right: reference('chance'),
      predicted: '+',
    }),
  ],
  headline: 'angle-at-st',
  controls: [
    {
      id: 'split-half-floor',
      title: 'The angle is nearer to its split-half noise floor than to the middle of an edge',
      absent: 'no split-half angle',
      needs: [of('simplex_angle', at('AT', 'pgd')), of('split_half_angle', at('AT', 'pgd'))],
    },
    strongerAttack('AT'),
    strongerAdaptive('AT', 'last'),
    {
      id: 'own-robust-accuracy',
      title: "NCC is as accurate under PGD as the network's own head",
      absent: 'no robust accuracy of the network',
      needs: [of('ncc_accuracy_clean_means', at('AT', 'pgd')), of('accuracy', at('AT', 'pgd'))],
    },
  ],
};

const earlyLayers: Claim = {
  number: 4,
  title: 'Earlier layers keep a reliable nearest-class-center classifier on perturbed data, later layers do not',
  short: 'early layers reliable',
  phrase: 'early layers stay reliable under attack',
  contrasts: [
    contrast({
      id: 'ncc-drop-slope',
      title: 'ST: change of NCC accuracy under transferred PGD, slope over depth',
      short: 'transferred, over depth',
      left: of('ncc_accuracy_clean_means', at('ST', 'pgd', 'last', 'each')),
      right: of('ncc_accuracy_clean_means', at('ST', 'clean', 'last', 'each')),
      reduction: 'slope',
      predicted: '-',
    }),
    contrast({
      id: 'adaptive-raw',
      title: 'ST: NCC accuracy under its own adaptive attack, layer against raw pixels or chance, whichever is higher',
      short: 'adaptive layer − raw pixels',
      left: of('adaptive_ncc_accuracy', at('ST', 'adaptive', 'last', 'each')),
      right: of('adaptive_ncc_accuracy', at('ST', 'adaptive', 'last', 'input')),
      atLeast: reference('chance'),
      reduction: 'any-layer',
      predicted: '+',
    }),
  ],
  headline: 'ncc-drop-slope',
  controls: [
    {
      id: 'untrained',
      title: 'Training, not the architecture, makes the early layers reliable',
      absent: 'no untrained network',
      needs: [
        of('ncc_accuracy_clean_means', at('ST', 'clean', 'untrained', 'each')),
        of('ncc_accuracy_clean_means', at('ST', 'clean', 'last', 'each')),
      ],
    },
    strongerAdaptive('ST', 'each'),
  ],
};

/** One collapse measure of TRADES against that of adversarial training, on the same data. */
const lessThanAt = (id: string, name: string, metric: MetricName, attack: 'clean' | 'pgd'): Contrast =>
  contrast({
    id: `${id}-${attack}`,
    title: `${attack === 'clean' ? 'Clean' : 'Perturbed'} ${name}: TRADES against AT`,
    short: `${attack === 'clean' ? 'clean' : 'PGD'} ${name} TRADES/AT`,
    left: of(metric, at('TRADES', attack)),
    right: of(metric, at('AT', attack)),
    scale: 'log',
    predicted: '+',
  });

const tradesWithoutSimplices: Claim = {
  number: 5,
  about: 'TRADES',
  title: 'TRADES makes networks robust without collapsing their features to simplices',
  short: 'TRADES without simplices',
  phrase: 'TRADES makes networks robust without simplices',
  contrasts: [
    lessThanAt('nc1', 'nc1', 'nc1', 'clean'),
    lessThanAt('nc1', 'nc1', 'nc1', 'pgd'),
    lessThanAt('nc2-angles', 'NC2 angles', 'nc2_equiangular_means', 'clean'),
    lessThanAt('nc2-angles', 'NC2 angles', 'nc2_equiangular_means', 'pgd'),
    // Less collapse than AT is not yet none: while classes are still narrower than they are apart, the claim stays undecided.
    contrast({
      id: 'nc1-equal-spread',
      title: 'TRADES clean nc1 against K − 1: classes as wide as they are apart',
      short: 'clean nc1/(K − 1)',
      left: of('nc1', at('TRADES', 'clean')),
      right: reference('equal-spread'),
      scale: 'log',
      predicted: '+',
      required: false,
    }),
  ],
  headline: 'nc1-clean',
  controls: [
    {
      id: 'above-chance',
      title: 'TRADES is robust: its accuracy under PGD is above chance',
      absent: 'no accuracy of TRADES under PGD',
      needs: [of('accuracy', at('TRADES', 'pgd'))],
    },
    strongerAttack('TRADES'),
  ],
};

export const su2023 = defineClaimSet({
  name: 'su2023',
  summary: 'simplices that attacks destroy and adversarial training keeps (arXiv 2311.07444)',
  roles: { training: trainings },
  terms: { NCC: 'the nearest-class-center classifier' },
  claims: [lostUnderAttack, leaping, keepsSimplices, earlyLayers, tradesWithoutSimplices],
  sections: [curves, leap, alignment, layers, overTraining],
});
