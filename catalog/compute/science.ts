/**
 * The science of a compute task by name: what a program must implement, each in the version that the task's ids were made with. The
 * catalog's datasets and architectures are not among them, because a task holds their arrays and nodes.
 */
import type { Node } from '../network/node.ts';
import { attacks } from '../attacks.ts';
import type { Attack } from '../attacks/attack.ts';
import { norms, type Norm } from '../attacks/norm.ts';
import type { LogitLossName } from '../attacks/objective.ts';
import { conventionOf, labelNames, type LabelConvention } from '../labels.ts';
import { losses } from '../losses.ts';
import type { Loss } from '../losses/loss.ts';
import { metricFamilies } from '../metrics.ts';
import type { MetricFamily } from '../metrics/metric.ts';
import { pluggedArchitectureScience } from '../plugins/plugged-architecture.ts';
import { pluggedAttackScience } from '../plugins/plugged-attack.ts';
import { pluggedLossScience } from '../plugins/plugged-loss.ts';
import { pluggedMetricScience } from '../plugins/plugged-metric.ts';
import { scienceVersions } from '../science-versions.ts';

export type Science = Readonly<Record<string, number>>;

/** Kinds of nodes; the arithmetic of each is part of the version of `train`. */
const nodeKinds: Readonly<Record<Node['kind'], 1>> = {
  normalise: 1,
  conv: 1,
  batchNorm: 1,
  activation: 1,
  maxPool: 1,
  globalAveragePool: 1,
  flatten: 1,
  dense: 1,
  residual: 1,
  tap: 1,
};

const named = (kind: string, versions: Readonly<Record<string, number>>): Science =>
  Object.fromEntries(Object.entries(versions).map(([name, version]) => [`${kind}:${name}`, version]));

const versionsOf = (kind: string, parts: readonly { readonly name: string; readonly science: number }[]): Science =>
  named(kind, Object.fromEntries(parts.map(({ name, science }) => [name, science])));

/** An attack's name and version depend on its norm. */
export const attackScienceOf = (kind: string, norm: Norm, version: number): Science => ({ [`attack:${kind}/${norm}`]: version });

/** Losses of logits other than the cross-entropy, which every program knows. */
export const objectiveScienceOf = (loss: LogitLossName): Science => (loss === 'ce' ? {} : { [`objective:${loss}`]: 1 });

function attackScience(): Science {
  const entries = Object.values<Attack>(attacks).flatMap((attack) => {
    const of = 'norm' in attack.fields ? norms : [attack.normOf({})];
    return of.map((norm) => attackScienceOf(attack.name, norm, attack.scienceOf?.({ norm }) ?? attack.science));
  });
  return Object.assign({}, ...entries) as Science;
}

/** What plug-ins are given and asked for, by kind: of programs that run plug-ins. */
export const pluginScience = {
  'plugin:attack': pluggedAttackScience,
  'plugin:loss': pluggedLossScience,
  'plugin:metric': pluggedMetricScience,
  'plugin:architecture': pluggedArchitectureScience,
} as const satisfies Science;

/** Everything that a program may have to implement, but for plug-ins. */
export const wholeScience = (): Science => ({
  train: scienceVersions.train,
  ...named('node', nodeKinds),
  ...versionsOf('loss', Object.values<Loss>(losses)),
  ...attackScience(),
  ...objectiveScienceOf('dlr'),
  ...metricScience(Object.values(metricFamilies)),
  ...repeatsScience,
  ...labelScience(labelNames),
});

const kindsOf = (nodes: readonly Node[]): readonly Node['kind'][] =>
  nodes.flatMap((node) =>
    node.kind === 'residual' ? [node.kind, ...kindsOf(node.body), ...kindsOf(node.shortcut)] : [node.kind],
  );

/** The science of a network's nodes. */
export const nodeScience = (nodes: readonly Node[]): Science =>
  named('node', Object.fromEntries(kindsOf(nodes).map((kind) => [kind, nodeKinds[kind]])));

export const metricScience = (families: readonly MetricFamily[]): Science => ({
  metrics: scienceVersions.metrics,
  ...versionsOf('metrics', families),
});

/** Of trainings whose epochs show some examples more than once. */
export const repeatsScience = { repeats: 1 } as const satisfies Science;

export const labelScience = (names: readonly LabelConvention[]): Science => versionsOf('labels', names.map(conventionOf));
