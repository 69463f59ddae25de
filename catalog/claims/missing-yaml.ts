/** The YAML that adds a missing point to a sweep: what `plan` and the report print beside "not measured". */
import type { AttackRole, Selector, TrainingRole } from './claim.ts';
import type { Norm } from '../attacks/norm.ts';
import { usualEpsilon, type Roles } from './roles.ts';

const budget: Readonly<Record<Norm, string>> = {
  linf: 'norm: linf, epsilon: 8/255, steps: 10, stepSize: 2/255',
  l2: 'norm: l2, epsilon: 128/255, steps: 10, stepSize: 15/255',
};

const trainingYaml = (role: TrainingRole, norm: Norm): string => {
  switch (role) {
    case 'ST':
      return 'training: [{name: ST}]';
    case 'AT':
      return `training: [{name: AT, attack: {kind: pgd, ${budget[norm]}, randomStart: true}}]`;
    case 'TRADES':
      return `training: [{name: TRADES, loss: trades, beta: 6, attack: {kind: pgd, ${budget[norm]}}}]`;
    default:
      return role satisfies never;
  }
};

const step: Readonly<Record<Norm, string>> = { linf: 'eps/4', l2: '15/128*eps' };
/** Names of the attacks of Linf, the usual norm, bear no suffix. */
const suffix: Readonly<Record<Norm, string>> = { linf: '', l2: '-l2' };
const noise: Readonly<Record<Norm, string>> = {
  linf: '{name: sign, kind: sign-noise}',
  l2: '{name: sphere, kind: sphere-noise}',
};

const pgdYaml = (name: string, more: string, steps: number, norm: Norm): string =>
  `{name: ${name}${suffix[norm]}, kind: pgd,${more} norm: ${norm}, steps: ${steps}, stepSize: ${step[norm]}, randomStart: true}`;

function attackYaml(role: Exclude<AttackRole, 'clean'>, norm: Norm): string {
  switch (role) {
    case 'pgd':
      return pgdYaml('pgd10', '', 10, norm);
    case 'noise':
      return noise[norm];
    case 'adaptive':
      return pgdYaml('ncc-pgd10', ' objective: ncc,', 10, norm);
    case 'stronger':
      return pgdYaml('pgd100', ' restarts: 2,', 100, norm);
    case 'fgsm':
      return '{name: fgsm, kind: fgsm}';
    default:
      return role satisfies never;
  }
}

/** A line of YAML whose entry belongs into `spec.grids` or `spec.training`, in flow style. */
export function missingYaml(selector: Selector, roles: Roles): string {
  const { norm } = roles.stratum;
  const training = roles.trainings[selector.training];
  if (training === undefined) return trainingYaml(selector.training, norm);
  const name = `${selector.training.toLowerCase()}-${selector.attack}-${selector.epoch}${suffix[norm]}`;
  const epoch = { untrained: '0', first: '1', last: 'last' }[selector.epoch];
  const layer = { last: 'last', input: 'input', each: 'all' }[selector.layer];
  const epsilon = selector.attack === 'clean' ? '0' : (roles.epsilon?.label ?? usualEpsilon[norm]);
  const attack = selector.attack === 'clean' ? '' : `, attack: [${attackYaml(selector.attack, norm)}]`;
  return (
    `grids: [{name: ${name}, only: {training: [${training.name}]}, epoch: [${epoch}]${attack}, ` +
    `epsilon: [${epsilon}], layer: [${layer}], pooling: [flatten], split: [train]}]`
  );
}
