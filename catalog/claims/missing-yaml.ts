/** The YAML that adds a missing point to a sweep: what `plan` and the report print beside "not measured". */
import type { Norm } from '../attacks/norm.ts';
import type { AnyMetricName } from '../metrics.ts';
import type { Sweep } from '../sweep.ts';
import type { EpochRole, LayerRole, Selector } from './claim.ts';
import type { ClaimSet } from './claim-set.ts';
import { commonAttackYaml, isCommonAttack, normSuffix } from './common-attacks.ts';
import { usualEpsilon } from './headline-epsilon.ts';
import { usualNorm, type Roles } from './roles.ts';
import { architectureAt, datasetAt } from './select.ts';

const epochs: Readonly<Record<EpochRole, string>> = { untrained: '0', first: '1', last: 'last' };
const layers: Readonly<Record<LayerRole, string>> = { last: 'last', input: 'input', each: 'all' };

/** An entry for a dataset, architecture or training role that nothing fills; undefined if all are filled. */
function unfilled(set: ClaimSet, sweep: Sweep, roles: Roles, selector: Selector, norm: Norm): string | undefined {
  const { dataset, architecture, training } = selector;
  if (dataset !== undefined && datasetAt(sweep, roles, selector) === undefined)
    return `dataset: [${set.roles.dataset?.[dataset]?.yaml(norm) ?? ''}]`;
  if (architecture !== undefined && architectureAt(sweep, roles, selector) === undefined)
    return `architecture: [${set.roles.architecture?.[architecture]?.yaml(norm) ?? ''}]`;
  return roles.trainings[training] === undefined ? `training: [${set.roles.training[training]?.yaml(norm) ?? ''}]` : undefined;
}

const attackYaml = (set: ClaimSet, role: string, norm: Norm): string =>
  isCommonAttack(role) ? commonAttackYaml[role](norm) : (set.roles.attack?.[role]?.yaml(norm) ?? '');

const epsilonYaml = ({ epsilon: known }: Roles, { attack, epsilon = 'headline' }: Selector, norm: Norm): string => {
  if (attack === 'clean') return '0';
  return epsilon === 'headline' ? (known?.label ?? usualEpsilon[norm]) : epsilon;
};

/** The entries that play the roles that the selector names, all of which are filled. */
function onlyYaml(sweep: Sweep, roles: Roles, selector: Selector): string {
  const players = {
    dataset: selector.dataset === undefined ? undefined : datasetAt(sweep, roles, selector),
    architecture: selector.architecture === undefined ? undefined : architectureAt(sweep, roles, selector),
    training: roles.trainings[selector.training],
  };
  return Object.entries(players)
    .flatMap(([axis, player]) => (player === undefined ? [] : [`${axis}: [${player.name}]`]))
    .join(', ');
}

/** A line of YAML in flow style, whose entry belongs in the list of that name under `spec`. */
export function missingYaml(set: ClaimSet, sweep: Sweep, roles: Roles, selector: Selector): string {
  const norm = roles.stratum.norm ?? usualNorm;
  const player = unfilled(set, sweep, roles, selector, norm);
  if (player !== undefined) return player;
  const name = `${selector.training.toLowerCase()}-${selector.attack}-${selector.epoch}${normSuffix[norm]}`;
  const attack = selector.attack === 'clean' ? '' : `, attack: [${attackYaml(set, selector.attack, norm)}]`;
  const labels = selector.labels === undefined ? '' : `, labels: [${selector.labels}]`;
  return (
    `grids: [{name: ${name}, only: {${onlyYaml(sweep, roles, selector)}}, epoch: [${epochs[selector.epoch]}]${attack}, ` +
    `epsilon: [${epsilonYaml(roles, selector, norm)}], layer: [${layers[selector.layer]}], ` +
    `pooling: [${selector.pooling ?? 'flatten'}], split: [${selector.split ?? 'train'}]${labels}}]`
  );
}

/** The line that adds a metric of a plug-in; undefined where the sweep measures it, and for metrics of the catalog. */
export const missingMetric = ({ metrics = [] }: Sweep, metric: AnyMetricName): string | undefined =>
  !metric.includes('/') || metrics.some(({ params }) => params.part === metric) ? undefined : `metrics: [{part: ${metric}}]`;

/** Whether a line is such YAML rather than prose. */
export const isYaml = (line: string): boolean => /^(dataset|architecture|training|metrics|grids): \[/.test(line);
