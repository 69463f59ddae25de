/** The four claims of arXiv 2311.07444 as contrasts; directions and natural references only, no number of theirs is assumed. */
import type { AttackRole, Claim, Contrast, EpochRole, LayerRole, Measured, Selector, TrainingRole } from './claim.ts';

const at = (training: TrainingRole, attack: AttackRole, epoch: EpochRole = 'last', layer: LayerRole = 'last'): Selector => ({
  training,
  epoch,
  attack,
  layer,
});
const of = (metric: string, selector: Selector): Measured => ({ metric, at: selector });

type Given = Omit<Contrast, 'reduction' | 'unit' | 'required' | 'scale'> &
  Partial<Pick<Contrast, 'reduction' | 'unit' | 'required' | 'scale'>>;
const contrast = (given: Given): Contrast => ({ reduction: 'value', unit: '', required: true, scale: 'linear', ...given });

/** Collapse over training, loss under attack, and the excess over noise, of one collapse measure of standard training. */
function collapseAndLoss(id: string, name: string, metric: string, required: boolean): Contrast[] {
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

const lostUnderAttack: Claim = {
  number: 1,
  title: 'Standard training collapses clean features to a simplex, and a small attack destroys it',
  short: 'ST simplex, lost under attack',
  phrase: 'standard training collapses to a simplex that a small attack destroys',
  contrasts: [
    ...collapseAndLoss('nc1', 'nc1', 'nc1', true),
    ...collapseAndLoss('nc2-angles', 'NC2 angles', 'nc2_equiangular_means', true),
    ...collapseAndLoss('nc2-norms', 'NC2 norms', 'nc2_equinorm_means', false),
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
  dependsOn: ['ST'],
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
    contrast({
      id: 'nearest-own',
      title: 'ST under PGD: cosine to the nearest vertex against the own one',
      short: 'cosine nearest − own',
      left: of('leap_example_cos_nearest', at('ST', 'pgd')),
      right: of('leap_example_cos_true', at('ST', 'pgd')),
      predicted: '+',
    }),
    contrast({
      id: 'nearest-mid-edge',
      title: 'ST under PGD: cosine to the nearest vertex against the middle of an edge',
      short: 'cosine nearest − mid-edge',
      left: of('leap_example_cos_nearest', at('ST', 'pgd')),
      right: { constant: 'mid-edge' },
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
  dependsOn: ['ST'],
};

const overTraining = (id: string, attack: 'clean' | 'pgd'): Contrast =>
  contrast({
    id,
    title: `AT ${attack === 'clean' ? 'clean' : 'perturbed'} nc1: last against first epoch`,
    short: `${attack === 'clean' ? 'clean' : 'PGD'} nc1 last/first epoch`,
    left: of('nc1', at('AT', attack)),
    right: of('nc1', at('AT', attack, 'first')),
    scale: 'log',
    predicted: '-',
  });

const keepsSimplices: Claim = {
  number: 3,
  title:
    'Adversarial training collapses clean and perturbed features to aligned simplices with a robust nearest-class-center classifier',
  short: 'AT keeps aligned simplices',
  phrase: 'adversarial training keeps clean and perturbed simplex aligned',
  contrasts: [
    overTraining('clean-training', 'clean'),
    overTraining('perturbed-training', 'pgd'),
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
      title: 'Angle between clean and perturbed simplex: AT against ST',
      short: 'angle AT − ST',
      left: of('simplex_angle', at('AT', 'pgd')),
      right: of('simplex_angle', at('ST', 'pgd')),
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
  ],
  headline: 'angle-at-st',
  controls: [
    {
      id: 'split-half-floor',
      title: 'The angle stands beside its split-half noise floor',
      absent: 'no split-half angle',
      needs: [of('split_half_angle', at('AT', 'pgd'))],
    },
    {
      id: 'stronger-attack',
      title: 'A stronger attack changes nothing',
      absent: 'no stronger attack run',
      needs: [of('simplex_angle', at('AT', 'stronger')), of('accuracy', at('AT', 'stronger'))],
    },
    {
      id: 'own-robust-accuracy',
      title: "NCC accuracy stands beside the network's own robust accuracy",
      absent: 'no robust accuracy of the network',
      needs: [of('accuracy', at('AT', 'pgd')), of('ncc_accuracy_clean_means', at('AT', 'pgd'))],
    },
  ],
  dependsOn: ['ST', 'AT'],
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
      title: 'ST: NCC accuracy under its own adaptive attack, layer against raw pixels',
      short: 'adaptive layer − raw pixels',
      left: of('adaptive_ncc_accuracy', at('ST', 'adaptive', 'last', 'each')),
      right: of('adaptive_ncc_accuracy', at('ST', 'adaptive', 'last', 'input')),
      reduction: 'any-layer',
      predicted: '+',
    }),
  ],
  headline: 'ncc-drop-slope',
  controls: [
    {
      id: 'untrained',
      title: 'Training, not the architecture, makes the early layers good',
      absent: 'no untrained network',
      needs: [of('ncc_accuracy_clean_means', at('ST', 'clean', 'untrained', 'each'))],
    },
  ],
  dependsOn: ['ST'],
};

export const su2023: readonly Claim[] = [lostUnderAttack, leaping, keepsSimplices, earlyLayers];
