/**
 * The custom resource `Sweep`, made from the one schema of the sweep language (spec.ts). Kubernetes wants a structural schema: no closed
 * objects (the API server drops or refuses unknown fields by itself), no unions except "integer or string", and lists that declare how
 * they merge.
 */
import { z } from 'zod';
import { attackKind } from '../attacks.ts';
import { trainingAttackKind } from '../attacks/training-pgd.ts';
import { architectureKind } from '../architectures.ts';
import { datasetKind } from '../datasets.ts';
import { losses, lossKind } from '../losses.ts';
import type { Loss } from '../losses/loss.ts';
import type { Rule } from '../part.ts';
import { rulesOf } from '../part-kind.ts';
import { sweepDocument } from './spec.ts';
import { sweepStatus } from '@ncsweep/protocol/status';

type Json = Record<string, unknown>;

const [lowestInteger, highestInteger] = [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];

/** Lists whose entries have a name of their own. */
const namedLists = new Set(['.training', '.grids', '.grids[].attack', 'status.conditions']);

/** The rule for a loss that determines where its attack starts. */
const ownStartRule = ({ name, startsAt }: Loss): readonly Rule[] =>
  startsAt === undefined
    ? []
    : [
        {
          rule:
            `!has(self.loss) || self.loss != '${name}' || !has(self.attack) || ` +
            '!(has(self.attack.start) || (has(self.attack.randomStart) && !self.attack.randomStart))',
          message: `the attack of ${name} starts at ${startsAt}: remove start and randomStart`,
        },
      ];

/**
 * What the schema cannot say and CEL can, by path below `spec`. CEL cannot see fields that are numbers or
 * strings. What neither can express, the orchestrator rejects with a condition.
 */
const rules: Readonly<Record<string, readonly Rule[]>> = {
  '': [
    {
      rule: 'has(self.storage) == has(oldSelf.storage) && (!has(self.storage) || self.storage == oldSelf.storage)',
      message: 'storage cannot be changed, because earlier results would no longer be found: create another Sweep',
    },
    {
      rule: '!has(oldSelf.cancelled) || !oldSelf.cancelled || (has(self.cancelled) && self.cancelled)',
      message: 'a cancelled Sweep stays cancelled: create another Sweep, which reuses the results',
    },
  ],
  '.dataset[]': [
    ...rulesOf(datasetKind),
    { rule: '!has(self.volume) || has(self.digest)', message: 'a volume needs the digest of its files: add digest' },
  ],
  '.architecture[]': rulesOf(architectureKind),
  '.training[]': [
    ...rulesOf(lossKind),
    {
      rule:
        '!has(self.from) || !(has(self.loss) || has(self.attack) || has(self.batchNorm) || has(self.epochs) || ' +
        'has(self.batchSize) || has(self.schedule))',
      message: 'weights read from a file are not trained: remove the other fields',
    },
    ...Object.values<Loss>(losses).flatMap(ownStartRule),
  ],
  '.training[].attack': rulesOf(trainingAttackKind),
  '.grids[].attack[]': rulesOf(attackKind),
  '.execution': [
    {
      rule: '!has(self.workloadPriorityClassName) || has(self.queueName)',
      message: 'workloadPriorityClassName orders what waits in a queue: add queueName',
    },
  ],
};

/** Bounds that apply on a cluster but not on a laptop: `kubectl scale --replicas=0` suspends a Sweep. */
const onCluster: Readonly<Record<string, Json>> = { '.execution.parallelism': { minimum: 0 } };

/** Keywords that the API server handles itself, or that are rewritten below. */
const dropped = new Set(['anyOf', 'propertyNames', 'additionalProperties', 'properties', 'items', '$schema']);

const isUnbounded = (key: string, value: unknown): boolean =>
  (key === 'minimum' && value === lowestInteger) || (key === 'maximum' && value === highestInteger);

/** Whether an object allows any fields; the orchestrator checks them. */
const isOpen = (additional: unknown): boolean =>
  typeof additional === 'object' && additional !== null && Object.keys(additional).length === 0;

function structural(schema: Json, path: string): Json {
  const { anyOf, additionalProperties, properties, items } = schema;
  const out: Json = Object.fromEntries(
    Object.entries(schema).filter(([key, value]) => !dropped.has(key) && !isUnbounded(key, value)),
  );
  if (Array.isArray(anyOf)) Object.assign(out, union(anyOf as Json[]));
  if (properties !== undefined) {
    const fields = Object.entries(properties as Record<string, Json>);
    // The API server drops an empty object, and `ncsweep doctor` compares what it kept.
    if (fields.length > 0)
      out['properties'] = Object.fromEntries(fields.map(([name, inner]) => [name, structural(inner, `${path}.${name}`)]));
  }
  if (isOpen(additionalProperties)) out['x-kubernetes-preserve-unknown-fields'] = true;
  else if (typeof additionalProperties === 'object') {
    out['additionalProperties'] = structural(additionalProperties as Json, `${path}{}`);
    out['maxProperties'] = 50;
  }
  if (items !== undefined) {
    out['items'] = structural(items as Json, `${path}[]`);
    if (namedLists.has(path)) {
      out['x-kubernetes-list-type'] = 'map';
      out['x-kubernetes-list-map-keys'] = [path === 'status.conditions' ? 'type' : 'name'];
    } else out['x-kubernetes-list-type'] = 'atomic';
  }
  Object.assign(out, onCluster[path]);
  const here = rules[path];
  if (here !== undefined) out['x-kubernetes-validations'] = here;
  return out;
}

/** Integer or string keeps its bounds and pattern; other choices have no structural form, so the orchestrator checks them. */
function union(choices: readonly Json[]): Json {
  const types = choices.map(({ type }) => type);
  if (!types.includes('integer')) return { 'x-kubernetes-preserve-unknown-fields': true };
  const merged = Object.assign({}, ...choices) as Json;
  delete merged['type'];
  return { 'x-kubernetes-int-or-string': true, ...merged };
}

const column = (name: string, jsonPath: string, more: Json = {}): Json => ({ name, type: 'string', jsonPath, ...more });

/** The CustomResourceDefinition. */
export function sweepCrd(): Json {
  const document = z.toJSONSchema(sweepDocument, { io: 'input' }) as { properties: Record<string, Json> };
  const name = (document.properties['metadata'] as { properties: Record<string, Json> }).properties['name'];
  const status = z.toJSONSchema(sweepStatus, { io: 'input' }) as Json;
  const plural = 'sweeps';
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.ncsweep.dev` },
    spec: {
      group: 'ncsweep.dev',
      scope: 'Namespaced',
      names: { kind: 'Sweep', listKind: 'SweepList', plural, singular: 'sweep', shortNames: ['nsw'], categories: ['ncsweep'] },
      versions: [
        {
          name: 'v1alpha1',
          served: true,
          storage: true,
          subresources: {
            status: {},
            scale: {
              specReplicasPath: '.spec.execution.parallelism',
              statusReplicasPath: '.status.replicas',
              labelSelectorPath: '.status.selector',
            },
          },
          additionalPrinterColumns: [
            column('Phase', '.status.phase'),
            column('Trials', '.status.trials', { description: 'Rows of results available, of those requested' }),
            column('Failed', '.status.counters.parked', { type: 'integer', description: 'Parked cells' }),
            column('Cached', '.status.counters.cached', { type: 'integer', description: 'Cells that the store already had' }),
            column('ETA', '.status.eta.text'),
            column('Reason', '.status.reason', { priority: 1 }),
            column('Age', '.metadata.creationTimestamp', { type: 'date' }),
          ],
          schema: {
            openAPIV3Schema: {
              type: 'object',
              description: 'A sweep over architecture × training × attack × epsilon × layer',
              required: ['spec'],
              properties: {
                apiVersion: { type: 'string' },
                kind: { type: 'string' },
                metadata: { type: 'object', properties: { name } },
                spec: structural(document.properties['spec']!, ''),
                status: { ...structural(status, 'status'), description: 'How far it is, and why; written by the orchestrator' },
              },
            },
          },
        },
      ],
    },
  };
}

/**
 * Text of the chart's template: JSON, which is YAML. It is a template rather than a file in the chart's crds/, so that `helm upgrade`
 * brings it up to date; it is kept at uninstall, so that no Sweep is lost.
 */
export function crdTemplate(): string {
  const crd = sweepCrd() as { metadata: Json };
  const metadata = { ...crd.metadata, annotations: { 'helm.sh/resource-policy': 'keep' } };
  return `{{- if .Values.crd.enabled }}\n${JSON.stringify({ ...crd, metadata }, null, 2)}\n{{- end }}\n`;
}
