/** The YAML that adds a missing point to a sweep: what `plan` and the report print beside "not measured". */
import type { AttackRole, Selector, TrainingRole } from './claim.ts';
import type { Roles } from './roles.ts';

const trainingYaml: Readonly<Record<TrainingRole, string>> = {
  ST: 'training: [{name: ST}]',
  AT: 'training: [{name: AT, attack: {kind: pgd, norm: linf, epsilon: 8/255, steps: 10, stepSize: 2/255, randomStart: true}}]',
  TRADES:
    'training: [{name: TRADES, loss: trades, beta: 6, attack: {kind: pgd, norm: linf, epsilon: 8/255, steps: 10, stepSize: 2/255}}]',
};

const attackYaml: Readonly<Record<Exclude<AttackRole, 'clean'>, string>> = {
  pgd: '{name: pgd10, kind: pgd, norm: linf, steps: 10, stepSize: eps/4, randomStart: true}',
  noise: '{name: sign, kind: sign-noise}',
  adaptive: '{name: ncc-pgd10, kind: pgd, objective: ncc, norm: linf, steps: 10, stepSize: eps/4, randomStart: true}',
  stronger: '{name: pgd100, kind: pgd, norm: linf, steps: 100, stepSize: eps/4, restarts: 2, randomStart: true}',
  fgsm: '{name: fgsm, kind: fgsm}',
};

/** A line of YAML whose entry belongs into `spec.grids` or `spec.training`, in flow style. */
export function missingYaml(selector: Selector, roles: Roles): string {
  const training = roles.trainings[selector.training];
  if (training === undefined) return trainingYaml[selector.training];
  const name = `${selector.training.toLowerCase()}-${selector.attack}-${selector.epoch}`;
  const epoch = { untrained: '0', first: '1', last: 'last' }[selector.epoch];
  const layer = { last: 'last', input: 'input', each: 'all' }[selector.layer];
  const epsilon = selector.attack === 'clean' ? '0' : (roles.epsilon?.label ?? '8/255');
  const attack = selector.attack === 'clean' ? '' : `, attack: [${attackYaml[selector.attack]}]`;
  return (
    `grids: [{name: ${name}, only: {training: [${training.name}]}, epoch: [${epoch}]${attack}, ` +
    `epsilon: [${epsilon}], layer: [${layer}], pooling: [flatten], split: [train]}]`
  );
}
